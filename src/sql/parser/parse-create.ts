import type { ColumnDefinition, Property, Relation, Statement } from '../ast.ts';
import { parseExpression } from './parse-expression.ts';
import { parseQuery } from './parse-query.ts';
import { parseType } from './parse-type.ts';
import type { TokenStream } from './token-stream.ts';

/** CREATE [OR REPLACE] [SOURCE] STREAM | TABLE ..., CREATE TYPE, CREATE SINK | SOURCE CONNECTOR. */
export function parseCreate(tokens: TokenStream): Statement {
  const { line, column } = tokens.expect('CREATE');
  const orReplace = tokens.accept('OR', 'REPLACE');
  if (tokens.accept('TYPE')) {
    const ifNotExists = tokens.accept('IF', 'NOT', 'EXISTS');
    const name = tokens.name('a type name').text;
    tokens.expect('AS');
    return { kind: 'createType', name, type: parseType(tokens), ifNotExists, line, column };
  }
  for (const direction of ['SOURCE', 'SINK'] as const) {
    if (!tokens.accept(direction, 'CONNECTOR')) continue;
    const ifNotExists = tokens.accept('IF', 'NOT', 'EXISTS');
    const name = nameOrString(tokens);
    return {
      kind: 'createConnector',
      direction,
      name,
      properties: parseWith(tokens, nameAsWritten),
      ifNotExists,
      line,
      column,
    };
  }
  const source = tokens.accept('SOURCE');
  const relation = tokens.expectOneOf(
    source ? ['STREAM', 'TABLE'] : ['STREAM', 'TABLE', 'TYPE', 'SOURCE', 'SINK'],
  );
  if (relation !== 'STREAM' && relation !== 'TABLE')
    throw tokens.unexpected(['CONNECTOR', 'STREAM', 'TABLE']);
  const ifNotExists = tokens.accept('IF', 'NOT', 'EXISTS');
  const name = tokens.name(`the ${relation === 'STREAM' ? 'stream' : 'table'}'s name`).text;
  const columns = tokens.at('(') ? parseColumns(tokens) : [];
  const properties = tokens.at('WITH') ? parseWith(tokens) : [];
  const common = { relation: relation as Relation, name, properties, orReplace, ifNotExists, line, column };
  if (columns.length === 0 && !source && tokens.accept('AS')) {
    return { kind: 'createAs', ...common, query: parseQuery(tokens) };
  }
  return { kind: 'createSource', ...common, columns, source };
}

function parseColumns(tokens: TokenStream): ColumnDefinition[] {
  const columns: ColumnDefinition[] = [];
  tokens.expect('(');
  do {
    const { text: name, line, column } = tokens.name('a column name');
    const type = parseType(tokens);
    columns.push({ name, type, line, column, ...parseRole(tokens) });
  } while (tokens.accept(','));
  tokens.expect(')');
  return columns;
}

function parseRole(tokens: TokenStream): Pick<ColumnDefinition, 'role' | 'headerKey'> {
  if (tokens.accept('PRIMARY', 'KEY')) return { role: 'PRIMARY KEY' };
  if (tokens.accept('KEY')) return { role: 'KEY' };
  if (tokens.accept('HEADERS')) return { role: 'HEADERS' };
  if (!tokens.accept('HEADER')) return { role: 'VALUE' };
  tokens.expect('(');
  const headerKey = tokens.string('a header key');
  tokens.expect(')');
  return { role: 'HEADER', headerKey };
}

/** WITH ( name = literal, ... ); names may be written as strings. */
export function parseWith(tokens: TokenStream, parseName = nameOrString): Property[] {
  tokens.expect('WITH', '(');
  const properties: Property[] = [];
  while (!tokens.at(')')) {
    if (properties.length > 0) tokens.expect(',');
    const { line, column } = tokens.peek();
    const name = parseName(tokens);
    tokens.expect('=');
    properties.push({ name, value: parseExpression(tokens), line, column });
  }
  tokens.expect(')');
  return properties;
}

export function nameOrString(tokens: TokenStream): string {
  return tokens.peek().kind === 'string' ? tokens.take().text : tokens.name().text;
}

/** Kafka Connect tells upper from lower case. */
function nameAsWritten(tokens: TokenStream): string {
  return tokens.peek().kind === 'string' ? tokens.take().text : tokens.nameAsWritten();
}
