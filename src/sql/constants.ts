import { TimeLimitError, withTimeLimit } from '../base/time-limit.ts';
import type { SqlValue } from '../data/types.ts';
import type { At } from './ast.ts';
import { compileExpression, type OnError, SYSTEM_EFFECTS } from './compile.ts';
import type { Expression } from './expression.ts';
import type { Effects } from './functions/scalar.ts';
import { isOperator } from './operators.ts';
import { SqlError } from './sql-error.ts';

/** A statement is planned in the thread that has the log and everybody's connections. */
const LONGEST_MS = 100;

/** An expression without columns, ready to be computed. */
export interface Constant {
  readonly compute: () => SqlValue;
  readonly mayTakeLong: boolean;
}

export function constantOf(e: Expression, onError: OnError, effects: Effects = SYSTEM_EFFECTS): Constant {
  const compute = compileExpression(e, onError, effects);
  return { compute: () => compute([]), mayTakeLong: mayTakeLong(e) };
}

/** Their values. Throws a SqlError when they take too long together: somebody's pattern must not hold up everybody. */
export function computeAll(constants: readonly Constant[], { line, column }: At): SqlValue[] {
  const compute = () => constants.map((constant) => constant.compute());
  if (!constants.some((constant) => constant.mayTakeLong)) return compute();
  try {
    return withTimeLimit(LONGEST_MS, compute);
  } catch (error) {
    if (!(error instanceof TimeLimitError)) throw error;
    const message = `The values cannot be computed: ${error.message}. A pattern that can match in many ways does that.`;
    throw new SqlError(message, line, column);
  }
}

/** All that takes no longer than its text, which was read already, is worth no watching. */
function mayTakeLong(e: Expression): boolean {
  if (e.kind !== 'call') return false;
  return !isOperator(e.function) || e.function === 'LIKE' || e.args.some(mayTakeLong);
}
