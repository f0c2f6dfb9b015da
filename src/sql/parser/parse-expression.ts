import type { At, BinaryOperator, Expr } from '../ast.ts';
import { deeperThan } from '../ast-walk.ts';
import { parsePrimary } from './parse-primary.ts';
import type { TokenStream } from './token-stream.ts';

/** Binds tighter the higher: OR, AND, NOT, comparison, || + -, * / %, unary, postfix. */
const ADDITIVE: ReadonlySet<string> = new Set(['+', '-', '||']);
const MULTIPLICATIVE: ReadonlySet<string> = new Set(['*', '/', '%']);
const COMPARISON: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);

/** Later passes walk the tree by recursion; a longer chain of operators or deeper nesting is refused here. */
const MAX_DEPTH = 500;

export function parseExpression(tokens: TokenStream): Expr {
  const outermost = tokens.depth === 0;
  const expression = tokens.nested(() => parseLogical(tokens, 'OR'));
  const tooDeep = outermost ? deeperThan(expression, MAX_DEPTH) : undefined;
  if (tooDeep !== undefined) {
    throw tokens.error(
      `Syntax Error\nMore than ${MAX_DEPTH} operators in a row. Split the expression.`,
      tooDeep,
    );
  }
  return expression;
}

function parseLogical(tokens: TokenStream, operator: 'OR' | 'AND'): Expr {
  const operand = () => (operator === 'OR' ? parseLogical(tokens, 'AND') : parseNot(tokens));
  const first = operand();
  if (!tokens.at(operator)) return first;
  const operands = [first];
  while (tokens.accept(operator)) operands.push(operand());
  return { kind: 'logical', operator, operands, line: first.line, column: first.column };
}

function parseNot(tokens: TokenStream): Expr {
  const { line, column } = tokens.peek();
  if (!tokens.accept('NOT')) return parseComparison(tokens);
  const operand = tokens.nested(() => parseNot(tokens));
  return { kind: 'unary', operator: 'NOT', operand, line, column };
}

function parseComparison(tokens: TokenStream): Expr {
  let left = parseAdditive(tokens);
  for (;;) {
    const next = parsePredicate(tokens, left);
    if (next === undefined) return left;
    left = next;
  }
}

function parsePredicate(tokens: TokenStream, operand: Expr): Expr | undefined {
  const token = tokens.peek();
  const at: At = { line: token.line, column: token.column };
  if (token.kind === 'symbol' && COMPARISON.has(token.text)) {
    tokens.take();
    return {
      kind: 'binary',
      operator: token.text as BinaryOperator,
      left: operand,
      right: parseAdditive(tokens),
      ...at,
    };
  }
  if (tokens.accept('IS')) {
    const negated = tokens.accept('NOT');
    if (tokens.accept('DISTINCT', 'FROM')) {
      const operator = negated ? 'IS NOT DISTINCT FROM' : 'IS DISTINCT FROM';
      return { kind: 'binary', operator, left: operand, right: parseAdditive(tokens), ...at };
    }
    tokens.expectOneOf(['NULL']);
    return { kind: 'isNull', operand, negated, ...at };
  }
  const negated = tokens.at('NOT') && ['BETWEEN', 'IN', 'LIKE'].some((word) => tokens.at('NOT', word));
  if (negated) tokens.take();
  if (tokens.accept('BETWEEN')) {
    const low = parseAdditive(tokens);
    tokens.expect('AND');
    return { kind: 'between', operand, low, high: parseAdditive(tokens), negated, ...at };
  }
  if (tokens.accept('IN')) {
    tokens.expect('(');
    const list = [parseExpression(tokens)];
    while (tokens.accept(',')) list.push(parseExpression(tokens));
    tokens.expect(')');
    return { kind: 'in', operand, list, negated, ...at };
  }
  if (tokens.accept('LIKE')) {
    const pattern = parseAdditive(tokens);
    if (!tokens.accept('ESCAPE')) return { kind: 'like', operand, pattern, negated, ...at };
    const escapeAt = tokens.peek();
    const escapeCharacter = tokens.string("a character like '!'");
    if (escapeCharacter.length !== 1)
      throw tokens.error(
        `Syntax Error\nESCAPE takes one character, and '${escapeCharacter}' has ${escapeCharacter.length}.`,
        escapeAt,
      );
    return { kind: 'like', operand, pattern, escape: escapeCharacter, negated, ...at };
  }
  return undefined;
}

function parseAdditive(tokens: TokenStream): Expr {
  return parseChain(tokens, ADDITIVE, parseMultiplicative);
}

function parseMultiplicative(tokens: TokenStream): Expr {
  return parseChain(tokens, MULTIPLICATIVE, parseUnary);
}

function parseChain(
  tokens: TokenStream,
  operators: ReadonlySet<string>,
  operand: (tokens: TokenStream) => Expr,
): Expr {
  let left = operand(tokens);
  for (;;) {
    const { kind, text, line, column } = tokens.peek();
    if (kind !== 'symbol' || !operators.has(text)) return left;
    tokens.take();
    left = { kind: 'binary', operator: text as BinaryOperator, left, right: operand(tokens), line, column };
  }
}

function parseUnary(tokens: TokenStream): Expr {
  const { kind, text, line, column } = tokens.peek();
  if (kind === 'symbol' && (text === '-' || text === '+')) {
    tokens.take();
    const operand = tokens.nested(() => parseUnary(tokens));
    return { kind: 'unary', operator: text, operand, line, column };
  }
  return parsePostfix(tokens);
}

/** primary { [ expression ] | -> name | AT TIME ZONE string } */
function parsePostfix(tokens: TokenStream): Expr {
  let base = parsePrimary(tokens, parseExpression);
  for (;;) {
    const { line, column } = tokens.peek();
    if (tokens.accept('[')) {
      const index = parseExpression(tokens);
      tokens.expect(']');
      base = { kind: 'subscript', base, index, line, column };
    } else if (tokens.at('->') && !tokens.at('->', '*')) {
      tokens.take();
      base = { kind: 'field', base, name: tokens.name('a field name').text, line, column };
    } else if (tokens.accept('AT', 'TIME', 'ZONE')) {
      base = { kind: 'atTimeZone', operand: base, zone: parsePrimary(tokens, parseExpression), line, column };
    } else {
      return base;
    }
  }
}
