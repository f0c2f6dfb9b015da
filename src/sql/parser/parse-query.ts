import type { AliasedSource, Duration, Expr, JoinClause, Query, SelectItem, WindowClause } from '../ast.ts';
import { parseExpression } from './parse-expression.ts';
import type { TokenStream } from './token-stream.ts';

/**
 * SELECT item,... FROM rel { join } [WINDOW w] [WHERE e] [GROUP BY e,...] [PARTITION BY e,...] [HAVING e]
 * [EMIT CHANGES|FINAL] [LIMIT n]
 */
export function parseQuery(tokens: TokenStream): Query {
  const { line, column } = tokens.expect('SELECT');
  const items = [parseItem(tokens)];
  while (tokens.accept(',')) items.push(parseItem(tokens));
  tokens.expect('FROM');
  const from = parseSource(tokens);
  const joins: JoinClause[] = [];
  for (let join = parseJoin(tokens); join !== undefined; join = parseJoin(tokens)) joins.push(join);
  const window = tokens.accept('WINDOW') ? parseWindow(tokens) : undefined;
  const where = tokens.accept('WHERE') ? parseExpression(tokens) : undefined;
  const groupBy = tokens.accept('GROUP', 'BY') ? parseGrouping(tokens, 'GROUP BY') : [];
  const partitionBy = tokens.accept('PARTITION', 'BY') ? parseGrouping(tokens, 'PARTITION BY') : [];
  const having = tokens.accept('HAVING') ? parseExpression(tokens) : undefined;
  const emit = tokens.accept('EMIT')
    ? (tokens.expectOneOf(['CHANGES', 'FINAL']) as 'CHANGES' | 'FINAL')
    : undefined;
  const limit = tokens.accept('LIMIT') ? tokens.integer() : undefined;
  return {
    items,
    from,
    joins,
    groupBy,
    partitionBy,
    line,
    column,
    ...(window && { window }),
    ...(where && { where }),
    ...(having && { having }),
    ...(emit && { emit }),
    ...(limit !== undefined && { limit }),
  };
}

function parseItem(tokens: TokenStream): SelectItem {
  const { line, column } = tokens.peek();
  if (tokens.accept('*')) return { kind: 'star', line, column };
  if (
    tokens.isName() &&
    tokens.peek(1).text === '.' &&
    tokens.peek(2).kind === 'symbol' &&
    tokens.peek(2).text === '*'
  ) {
    const source = tokens.take().text;
    tokens.expect('.', '*');
    return { kind: 'star', source, line, column };
  }
  const expression = parseExpression(tokens);
  if (tokens.accept('->', '*')) return { kind: 'structStar', base: expression, line, column };
  if (tokens.accept('AS'))
    return { kind: 'expression', expression, alias: tokens.name('an alias').text, line, column };
  const alias = tokens.isName() ? tokens.take().text : undefined;
  return { kind: 'expression', expression, line, column, ...(alias !== undefined && { alias }) };
}

/** Words that may be names; behind a source they begin the next clause when followed by these. */
const CLAUSES: Readonly<Record<string, readonly string[]>> = {
  EMIT: ['CHANGES', 'FINAL'],
  PARTITION: ['BY'],
};

function isAtClause(tokens: TokenStream): boolean {
  const { kind, text } = tokens.peek();
  return kind === 'word' && CLAUSES[text]?.some((word) => tokens.at(text, word)) === true;
}

function parseSource(tokens: TokenStream): AliasedSource {
  const { line, column } = tokens.peek();
  if (tokens.at('(')) {
    throw tokens.error(
      'Syntax Error\nA query inside FROM is not supported. Give it a name with CREATE STREAM ... AS or CREATE TABLE ... AS and select from that.',
    );
  }
  const name = tokens.name('a stream or table').text;
  if (tokens.accept('AS')) return { name, alias: tokens.name('an alias').text, line, column };
  if (tokens.isName() && !isAtClause(tokens)) return { name, alias: tokens.take().text, line, column };
  return { name, alias: name, line, column };
}

function parseJoin(tokens: TokenStream): JoinClause | undefined {
  const { line, column } = tokens.peek();
  const type = parseJoinType(tokens);
  if (type === undefined) return undefined;
  const source = parseSource(tokens);
  const within = tokens.accept('WITHIN') ? parseWithin(tokens) : undefined;
  tokens.expect('ON');
  const on = parseExpression(tokens);
  return { type, source, on, line, column, ...(within && { within }) };
}

function parseJoinType(tokens: TokenStream): JoinClause['type'] | undefined {
  if (tokens.accept('JOIN') || tokens.accept('INNER', 'JOIN')) return 'INNER';
  for (const type of ['LEFT', 'RIGHT', 'FULL'] as const) {
    if (tokens.accept(type, 'JOIN') || tokens.accept(type, 'OUTER', 'JOIN')) return type;
  }
  return undefined;
}

function parseWithin(tokens: TokenStream): NonNullable<JoinClause['within']> {
  let before: Duration;
  let after: Duration;
  if (tokens.accept('(')) {
    before = parseDuration(tokens);
    tokens.expect(',');
    after = parseDuration(tokens);
    tokens.expect(')');
  } else {
    before = parseDuration(tokens);
    after = before;
  }
  const grace = tokens.accept('GRACE', 'PERIOD') ? parseDuration(tokens) : undefined;
  return { before, after, ...(grace && { grace }) };
}

const UNITS: readonly string[] = ['DAY', 'HOUR', 'MINUTE', 'SECOND', 'MILLISECOND'].flatMap((unit) => [
  `${unit}S`,
  unit,
]);

export function parseDuration(tokens: TokenStream): Duration {
  const { line, column } = tokens.peek();
  const amount = tokens.integer('a length of time like 10 SECONDS');
  return { amount, unit: tokens.expectOneOf(UNITS), line, column };
}

function parseWindow(tokens: TokenStream): WindowClause {
  const { line, column } = tokens.peek();
  // A window may be named in front of its kind; nothing ever refers to the name.
  if (tokens.peek(1).kind === 'word' && tokens.peek(2).text === '(') tokens.name();
  const type = tokens.expectOneOf(['TUMBLING', 'HOPPING', 'SESSION']) as WindowClause['type'];
  tokens.expect('(');
  if (type !== 'SESSION') tokens.expect('SIZE');
  const size = parseDuration(tokens);
  let advance: Duration | undefined;
  let retention: Duration | undefined;
  let grace: Duration | undefined;
  while (tokens.accept(',')) {
    if (type === 'HOPPING' && tokens.accept('ADVANCE', 'BY')) advance = parseDuration(tokens);
    else if (tokens.accept('RETENTION')) retention = parseDuration(tokens);
    else if (tokens.accept('GRACE', 'PERIOD')) grace = parseDuration(tokens);
    else throw tokens.unexpected(['RETENTION', 'GRACE', ...(type === 'HOPPING' ? ['ADVANCE'] : [])]);
  }
  tokens.expect(')');
  return {
    type,
    size,
    line,
    column,
    ...(advance && { advance }),
    ...(retention && { retention }),
    ...(grace && { grace }),
  };
}

/** e, e ... or ( e, e ... ): one pair of parentheses around all of them means the same. */
function parseGrouping(tokens: TokenStream, clause: string): Expr[] {
  if (tokens.accept('(', ')'))
    throw tokens.error(`${clause} has nothing in its parentheses. Name a column, or drop the clause.`);
  const list = isParenthesisedList(tokens);
  if (list) tokens.expect('(');
  const expressions = [parseExpression(tokens)];
  while (tokens.accept(',')) expressions.push(parseExpression(tokens));
  if (list) tokens.expect(')');
  return expressions;
}

/** Whether the parenthesis that comes next holds a comma at its own level. */
function isParenthesisedList(tokens: TokenStream): boolean {
  if (!tokens.at('(')) return false;
  let depth = 0;
  for (let distance = 0; ; distance++) {
    const { kind, text } = tokens.peek(distance);
    if (kind === 'end') return false;
    if (kind !== 'symbol') continue;
    if (text === '(' || text === '[') depth++;
    else if (text === ')' || text === ']') depth--;
    else if (text === ',' && depth === 1) return true;
    if (depth === 0) return false;
  }
}
