import type { At, Expr } from '../ast.ts';
import { parseType } from './parse-type.ts';
import type { TokenStream } from './token-stream.ts';

type Parse = (tokens: TokenStream) => Expr;

/** Literals, names, calls, constructors, CASE, CAST, lambdas and parentheses. */
export function parsePrimary(tokens: TokenStream, parseExpression: Parse): Expr {
  const token = tokens.peek();
  const at: At = { line: token.line, column: token.column };
  switch (token.kind) {
    case 'string':
      tokens.take();
      return { kind: 'string', value: token.text, ...at };
    case 'integer':
    case 'decimal':
    case 'double':
      tokens.take();
      return { kind: 'number', form: token.kind, text: token.text, ...at };
    case 'symbol':
      if (token.text === '(') return parseParenthesis(tokens, parseExpression, at);
      break;
    case 'word':
      if (tokens.accept('NULL')) return { kind: 'null', ...at };
      if (tokens.accept('TRUE')) return { kind: 'boolean', value: true, ...at };
      if (tokens.accept('FALSE')) return { kind: 'boolean', value: false, ...at };
      if (tokens.accept('CASE')) return parseCase(tokens, parseExpression, at);
      if (tokens.accept('CAST')) return parseCast(tokens, parseExpression, at);
      if (tokens.accept('ARRAY', '[')) return parseArray(tokens, parseExpression, at);
      if (tokens.accept('MAP', '(')) return parseMap(tokens, parseExpression, at);
      if (tokens.accept('STRUCT', '(')) return parseStruct(tokens, parseExpression, at);
      break;
    default:
  }
  if (token.kind === 'word' && LITERAL_TYPES.has(token.text) && tokens.peek(1).kind === 'string')
    return parseTypedLiteral(tokens, at);
  // Function names that are also reserved words stay callable.
  if (tokens.isName() || (token.kind === 'word' && tokens.peek(1).text === '(' && CALLABLE.has(token.text))) {
    return parseNameOrCall(tokens, parseExpression, at);
  }
  if (token.kind === 'word') tokens.name('an expression');
  throw tokens.unexpected(['an expression']);
}

const LITERAL_TYPES: ReadonlySet<string> = new Set(['DECIMAL', 'DATE', 'TIME', 'TIMESTAMP']);
const CALLABLE: ReadonlySet<string> = new Set(['LEFT', 'RIGHT', 'EXISTS']);

/** `DECIMAL '1.50'`, `DATE '2024-02-29'`: a literal of the type named. */
function parseTypedLiteral(tokens: TokenStream, at: At): Expr {
  const name = tokens.take().text;
  const { text: value, line, column } = tokens.take();
  if (name !== 'DECIMAL') {
    const operand: Expr = { kind: 'string', value, line, column };
    return { kind: 'cast', operand, type: { kind: 'named', name, parameters: [], ...at }, ...at };
  }
  const [, sign, digits] = /^\s*([+-]?)(\d+\.?\d*|\.\d+)\s*$/.exec(value) ?? [];
  if (digits === undefined)
    throw tokens.error(`Syntax Error\n'${value}' is no DECIMAL: expected digits like '1.50'`, {
      line,
      column,
    });
  const number: Expr = { kind: 'number', form: 'decimal', text: digits, ...at };
  return sign === '-' ? { kind: 'unary', operator: '-', operand: number, ...at } : number;
}

function parseNameOrCall(tokens: TokenStream, parseExpression: Parse, at: At): Expr {
  const name = tokens.take().text;
  if (tokens.accept('=>'))
    return { kind: 'lambda', parameters: [name], body: parseExpression(tokens), ...at };
  if (tokens.accept('.'))
    return { kind: 'name', source: name, name: tokens.name('a column name').text, ...at };
  if (!tokens.accept('(')) return { kind: 'name', name, ...at };
  if (tokens.accept('*', ')')) return { kind: 'call', name: name.toUpperCase(), args: [], star: true, ...at };
  const args: Expr[] = [];
  while (!tokens.at(')')) {
    if (args.length > 0) tokens.expect(',');
    args.push(parseExpression(tokens));
  }
  tokens.expect(')');
  return { kind: 'call', name: name.toUpperCase(), args, star: false, ...at };
}

function parseParenthesis(tokens: TokenStream, parseExpression: Parse, at: At): Expr {
  const parameters = lambdaParameters(tokens);
  if (parameters !== undefined) {
    for (let i = 0; i < parameters.length * 2 + 2; i++) tokens.take();
    return { kind: 'lambda', parameters, body: parseExpression(tokens), ...at };
  }
  tokens.expect('(');
  const inner = parseExpression(tokens);
  tokens.expect(')');
  return inner;
}

/** The names of `( a , b ) =>` when that is what comes next. */
function lambdaParameters(tokens: TokenStream): string[] | undefined {
  const names: string[] = [];
  for (let distance = 1; tokens.isName(distance) && names.length < 100; distance += 2) {
    names.push(tokens.peek(distance).text);
    const after = tokens.peek(distance + 1).text;
    if (after === ')') return tokens.peek(distance + 2).text === '=>' ? names : undefined;
    if (after !== ',') return undefined;
  }
  return undefined;
}

function parseCase(tokens: TokenStream, parseExpression: Parse, at: At): Expr {
  const operand = tokens.at('WHEN') ? undefined : parseExpression(tokens);
  const whens: { condition: Expr; result: Expr }[] = [];
  do {
    tokens.expect('WHEN');
    const condition = parseExpression(tokens);
    tokens.expect('THEN');
    whens.push({ condition, result: parseExpression(tokens) });
  } while (tokens.at('WHEN'));
  const otherwise = tokens.accept('ELSE') ? parseExpression(tokens) : undefined;
  tokens.expectOneOf(['END']);
  return {
    kind: 'case',
    whens,
    ...(operand && { operand }),
    ...(otherwise && { otherwise }),
    ...at,
  };
}

function parseCast(tokens: TokenStream, parseExpression: Parse, at: At): Expr {
  tokens.expect('(');
  const operand = parseExpression(tokens);
  tokens.expect('AS');
  const type = parseType(tokens);
  tokens.expect(')');
  return { kind: 'cast', operand, type, ...at };
}

function parseArray(tokens: TokenStream, parseExpression: Parse, at: At): Expr {
  const items: Expr[] = [];
  while (!tokens.at(']')) {
    if (items.length > 0) tokens.expect(',');
    items.push(parseExpression(tokens));
  }
  tokens.expect(']');
  return { kind: 'array', items, ...at };
}

function parseMap(tokens: TokenStream, parseExpression: Parse, at: At): Expr {
  const entries: { key: Expr; value: Expr }[] = [];
  while (!tokens.at(')')) {
    if (entries.length > 0) tokens.expect(',');
    const key = parseExpression(tokens);
    tokens.expect(':=');
    entries.push({ key, value: parseExpression(tokens) });
  }
  tokens.expect(')');
  return { kind: 'map', entries, ...at };
}

function parseStruct(tokens: TokenStream, parseExpression: Parse, at: At): Expr {
  const fields: { name: string; value: Expr }[] = [];
  while (!tokens.at(')')) {
    if (fields.length > 0) tokens.expect(',');
    const name = tokens.name('a field name').text;
    tokens.expect(':=');
    fields.push({ name, value: parseExpression(tokens) });
  }
  tokens.expect(')');
  return { kind: 'struct', fields, ...at };
}
