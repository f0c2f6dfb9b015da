import { isOrdered } from '../../data/compare.ts';
import { formatType } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';
import type { At } from '../ast.ts';
import type { Expression } from '../expression.ts';
import { exprText } from '../expression-text.ts';
import { BIGINT, BOOLEAN, operator } from '../operators.ts';
import { SqlError } from '../sql-error.ts';
import { castTo, coerceAll, isNull, type Typed } from './coerce.ts';

type ComparisonSign = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'IS DISTINCT FROM' | 'IS NOT DISTINCT FROM';
const ORDER_SIGNS: readonly string[] = ['<', '<=', '>', '>='];

export function compare(at: At, sign: ComparisonSign, left: Typed, right: Typed): Expression {
  const pair = alignTimes(left, right);
  const refuse = (a: SqlType, b: SqlType) =>
    new SqlError(
      `${exprText(left.source)} ${sign} ${exprText(right.source)} compares ${formatType(a)} with ${formatType(b)}, which ${ORDER_SIGNS.includes(sign) ? 'have no order' : 'are never equal'}. CAST one of them.`,
      at.line,
      at.column,
    );
  if (!sign.startsWith('IS') && pair.some((item) => isNull(item.expression))) {
    throw new SqlError(
      `Nothing compares with NULL: ${exprText(left.source)} ${sign} ${exprText(right.source)}. Use IS NULL or IS NOT NULL.`,
      at.line,
      at.column,
    );
  }
  const { type: a } = pair[0].expression;
  const { type: b } = pair[1].expression;
  // ksqlDB reads text beside dates and times, and in lists, but never beside a number.
  if ((a.kind === 'STRING') !== (b.kind === 'STRING') && !pair.some((item) => isNull(item.expression)))
    throw refuse(a, b);
  const { expressions, type } = coerceAll(pair, () => refuse(a, b).message.replace(/^line \d+:\d+: /, ''));
  if (type !== undefined && !isOrdered(type) && ORDER_SIGNS.includes(sign)) throw refuse(a, b);
  return operator(sign, expressions, BOOLEAN);
}

/** BIGINT columns of the system that hold milliseconds. */
const TIME_COLUMNS: readonly string[] = ['ROWTIME', 'WINDOWSTART', 'WINDOWEND'];

/** A STRING beside a time column, or a text beside ROWTIME or a window's bound, is read as an ISO date and time. */
function alignTimes(left: Typed, right: Typed): [Typed, Typed] {
  const times = ['TIMESTAMP', 'DATE', 'TIME'];
  const convert = (item: Typed, type: SqlType): Typed => ({
    ...item,
    expression: castTo(item.expression, type, item.source),
  });
  const a = left.expression.type;
  const b = right.expression.type;
  const asMs = (item: Typed): Typed => ({ ...item, expression: rowtimeOf(item) });
  if (isRowtime(left) && right.source.kind === 'string') return [left, asMs(right)];
  if (isRowtime(right) && left.source.kind === 'string') return [asMs(left), right];
  if (a.kind === 'STRING' && times.includes(b.kind)) return [convert(left, b), right];
  if (b.kind === 'STRING' && times.includes(a.kind)) return [left, convert(right, a)];
  if (a.kind === 'DATE' && b.kind === 'TIMESTAMP') return [convert(left, b), right];
  if (b.kind === 'DATE' && a.kind === 'TIMESTAMP') return [left, convert(right, a)];
  return [left, right];
}

function isRowtime({ source, expression }: Typed): boolean {
  return source.kind === 'name' && TIME_COLUMNS.includes(source.name) && expression.type.kind === 'BIGINT';
}

function rowtimeOf({ source, expression }: Typed): Expression {
  return { ...castTo(expression, { kind: 'TIMESTAMP' }, source), type: BIGINT } as Expression;
}
