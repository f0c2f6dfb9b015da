import type { At, Expr, ListSubject, Relation, Statement } from '../ast.ts';
import { didYouMean } from '../suggest.ts';
import { STATEMENT_STARTS } from './keywords.ts';
import { nameOrString, parseCreate, parseWith } from './parse-create.ts';
import { parseExpression } from './parse-expression.ts';
import { parseDuration, parseQuery } from './parse-query.ts';
import { parseType } from './parse-type.ts';
import type { TokenStream } from './token-stream.ts';

/** One statement without its semicolon. `textFrom` gives the text from a position to the statement's end. */
export function parseStatement(tokens: TokenStream, textFrom: (start: number) => string): Statement {
  const { kind, text, line, column } = tokens.peek();
  const at: At = { line, column };
  if (kind !== 'word') throw unknownStatement(tokens);
  switch (text) {
    case 'SELECT':
      return { kind: 'query', query: parseQuery(tokens), ...at };
    case 'CREATE':
      return parseCreate(tokens);
    case 'INSERT':
      return parseInsert(tokens, at);
    case 'DROP':
      return parseDrop(tokens, at);
    case 'ALTER':
      return parseAlter(tokens, at);
    case 'LIST':
    case 'SHOW':
      return parseList(tokens, at);
    case 'DESCRIBE':
      return parseDescribe(tokens, at);
    case 'EXPLAIN':
      return parseExplain(tokens, at, textFrom);
    case 'PRINT':
      return parsePrint(tokens, at);
    case 'TERMINATE':
    case 'PAUSE':
    case 'RESUME':
      tokens.take();
      return {
        kind: text.toLowerCase() as 'terminate' | 'pause' | 'resume',
        queryId: tokens.accept('ALL') ? 'ALL' : tokens.writtenName('a query id or ALL'),
        ...at,
      };
    case 'ASSERT':
      return parseAssert(tokens, at);
    default:
      return parseSetting(tokens, at);
  }
}

function unknownStatement(tokens: TokenStream) {
  const { kind, text } = tokens.peek();
  if (kind === 'end') return tokens.error('Syntax Error\nA statement is missing here.');
  return tokens.error(`Unknown statement '${text}'.${didYouMean(text, STATEMENT_STARTS)}`);
}

/** SET, UNSET, DEFINE, UNDEFINE, RUN SCRIPT: small changes to the session. */
function parseSetting(tokens: TokenStream, at: At): Statement {
  if (tokens.accept('SET')) return { kind: 'set', ...parseAssignment(tokens), ...at };
  if (tokens.accept('UNSET')) return { kind: 'unset', name: tokens.string(), ...at };
  if (tokens.accept('UNDEFINE')) return { kind: 'undefine', name: tokens.name().text, ...at };
  if (tokens.accept('RUN', 'SCRIPT')) return { kind: 'runScript', file: tokens.string(), ...at };
  if (tokens.accept('DEFINE')) {
    const name = tokens.writtenName('a variable name');
    tokens.expect('=');
    return { kind: 'define', name, value: tokens.string(), ...at };
  }
  throw unknownStatement(tokens);
}

function parseAssignment(tokens: TokenStream): { name: string; value: string } {
  const name = tokens.string("a property name like 'auto.offset.reset'");
  tokens.expect('=');
  return { name, value: tokens.string() };
}

function parseInsert(tokens: TokenStream, at: At): Statement {
  tokens.expect('INSERT', 'INTO');
  const target = tokens.name('a stream or table').text;
  if (tokens.at('SELECT') || tokens.at('WITH')) {
    const properties = tokens.at('WITH') ? parseWith(tokens) : [];
    return { kind: 'insertInto', target, properties, query: parseQuery(tokens), ...at };
  }
  const columns: (At & { name: string })[] = [];
  if (tokens.accept('(')) {
    do {
      const { text: name, line, column } = tokens.name('a column name');
      columns.push({ name, line, column });
    } while (tokens.accept(','));
    tokens.expect(')');
  }
  tokens.expectOneOf(['VALUES']);
  tokens.expect('(');
  const values: Expr[] = [parseExpression(tokens)];
  while (tokens.accept(',')) values.push(parseExpression(tokens));
  tokens.expect(')');
  return { kind: 'insertValues', target, columns, values, ...at };
}

function parseDrop(tokens: TokenStream, at: At): Statement {
  tokens.expect('DROP');
  const what = tokens.expectOneOf(['STREAM', 'TABLE', 'TYPE', 'CONNECTOR']);
  const ifExists = tokens.accept('IF', 'EXISTS');
  if (what === 'CONNECTOR') return { kind: 'dropConnector', name: nameOrString(tokens), ifExists, ...at };
  const name = tokens.name().text;
  if (what === 'TYPE') return { kind: 'dropType', name, ifExists, ...at };
  const deleteTopic = tokens.accept('DELETE', 'TOPIC');
  return { kind: 'drop', relation: what as Relation, name, ifExists, deleteTopic, ...at };
}

function parseAlter(tokens: TokenStream, at: At): Statement {
  tokens.expect('ALTER');
  if (tokens.accept('SYSTEM')) return { kind: 'alterSystem', ...parseAssignment(tokens), ...at };
  const relation = tokens.expectOneOf(['STREAM', 'TABLE', 'SYSTEM']) as Relation;
  const name = tokens.name().text;
  const columns = [];
  do {
    tokens.expect('ADD');
    tokens.accept('COLUMN');
    const column = tokens.name('a column name').text;
    columns.push({ name: column, type: parseType(tokens) });
  } while (tokens.accept(','));
  return { kind: 'alter', relation, name, columns, ...at };
}

const LISTABLE = [
  'STREAMS',
  'TABLES',
  'TOPICS',
  'QUERIES',
  'FUNCTIONS',
  'PROPERTIES',
  'TYPES',
  'VARIABLES',
  'CONNECTORS',
];

function parseList(tokens: TokenStream, at: At): Statement {
  tokens.take();
  for (const connectorScope of ['SOURCE', 'SINK'] as const) {
    if (tokens.accept(connectorScope, 'CONNECTORS')) {
      return { kind: 'list', subject: 'CONNECTORS', extended: false, all: false, connectorScope, ...at };
    }
  }
  if (tokens.accept('CONNECTOR', 'PLUGINS')) {
    return { kind: 'list', subject: 'CONNECTOR PLUGINS', extended: false, all: false, ...at };
  }
  const all = tokens.accept('ALL');
  const subject = tokens.expectOneOf(all ? ['TOPICS'] : LISTABLE) as ListSubject;
  return { kind: 'list', subject, all, extended: tokens.accept('EXTENDED'), ...at };
}

function parseDescribe(tokens: TokenStream, at: At): Statement {
  tokens.expect('DESCRIBE');
  if (tokens.at('FUNCTION') && tokens.isName(1)) {
    tokens.take();
    return { kind: 'describeFunction', name: tokens.name('a function name').text, ...at };
  }
  const isNamed = tokens.isName(1) || tokens.peek(1).kind === 'string';
  if (tokens.at('CONNECTOR') && isNamed && !tokens.at('CONNECTOR', 'EXTENDED')) {
    tokens.take();
    return { kind: 'describeConnector', name: nameOrString(tokens), ...at };
  }
  for (const relation of ['STREAM', 'TABLE'] as const) {
    if (tokens.accept(`${relation}S`)) {
      return { kind: 'describeAll', relation, extended: tokens.accept('EXTENDED'), ...at };
    }
  }
  const name = tokens.name('a stream or table').text;
  return { kind: 'describe', name, extended: tokens.accept('EXTENDED'), ...at };
}

function parseExplain(tokens: TokenStream, at: At, textFrom: (start: number) => string): Statement {
  tokens.expect('EXPLAIN');
  const { text, kind, start } = tokens.peek();
  if (kind === 'word' && ['SELECT', 'CREATE', 'INSERT'].includes(text)) {
    const statement = parseStatement(tokens, textFrom);
    return { kind: 'explainStatement', statement, text: textFrom(start), ...at };
  }
  return { kind: 'explain', queryId: tokens.writtenName('a query id or a statement'), ...at };
}

function parsePrint(tokens: TokenStream, at: At): Statement {
  tokens.expect('PRINT');
  const topic = topicOrString(tokens, 'a topic');
  const fromBeginning = tokens.accept('FROM', 'BEGINNING');
  const interval = tokens.accept('INTERVAL') || tokens.accept('SAMPLE') ? tokens.integer() : undefined;
  const limit = tokens.accept('LIMIT') ? tokens.integer() : undefined;
  return {
    kind: 'print',
    topic,
    fromBeginning,
    ...(interval !== undefined && { interval }),
    ...(limit !== undefined && { limit }),
    ...at,
  };
}

/** Names of topics and subjects are case-sensitive, so one that is not quoted is taken as it is written. */
function topicOrString(tokens: TokenStream, what: string): string {
  return tokens.peek().kind === 'string' ? tokens.take().text : tokens.rawName(what);
}

function parseAssert(tokens: TokenStream, at: At): Statement {
  tokens.expect('ASSERT');
  const exists = !tokens.accept('NOT', 'EXISTS');
  if (tokens.expectOneOf(['TOPIC', 'SCHEMA']) === 'TOPIC') {
    const topic = topicOrString(tokens, 'a topic');
    const properties = tokens.at('WITH') ? parseWith(tokens) : [];
    const timeout = tokens.accept('TIMEOUT') ? parseDuration(tokens) : undefined;
    return { kind: 'assertTopic', topic, exists, properties, ...(timeout && { timeout }), ...at };
  }
  const subject = tokens.accept('SUBJECT') ? topicOrString(tokens, 'a subject') : undefined;
  const id = tokens.accept('ID') ? tokens.integer() : undefined;
  const timeout = tokens.accept('TIMEOUT') ? parseDuration(tokens) : undefined;
  return {
    kind: 'assertSchema',
    exists,
    ...(subject !== undefined && { subject }),
    ...(id !== undefined && { id }),
    ...(timeout && { timeout }),
    ...at,
  };
}
