import type { OnError } from '../../sql/compile.ts';
import type { FlatMapStep } from '../../sql/plan.ts';
import { localColumn } from './fragment.ts';
import type { RowCode } from './row-code.ts';

/**
 * Table functions. The lists are made once for a row, and what follows runs for each place in the longest:
 *
 *   EXPLODE(a)   1  2  3
 *   EXPLODE(b)   x  y  null
 *
 * A list that is null or cannot be made has no elements, and a record without a value none to make lists of.
 */
export function flatMapCode(step: FlatMapStep, onError: OnError, next: RowCode): RowCode {
  return {
    row(columns, fragment) {
      const lists = step.functions.map(() => fragment.local('list'));
      const lines = lists.map((list, i) =>
        fragment.over(
          columns,
          onError,
          (generator) => `let ${list} = null;
try { ${list} = ${generator.generate(step.functions[i]!).js}; } catch (error) { ${generator.onError}(error); }`,
        ),
      );
      const [at, count] = [fragment.local('at'), fragment.local('count')];
      const lengths = lists.map((list) => `${list} === null ? 0 : ${list}.length`);
      const made = lists.map(() => fragment.local('x'));
      return `${lines.join('\n')}
const ${count} = ${lengths.length === 1 ? lengths[0] : `Math.max(${lengths.join(', ')})`};
for (let ${at} = 0; ${at} < ${count}; ${at}++) {
${lists.map((list, i) => `const ${made[i]} = ${elementCode(list, at)};`).join('\n')}
${next.row([...columns, ...made.map((name) => localColumn(name))], fragment)}
}`;
    },
    nullRow: () => '',
  };
}

/** Behind the end of a list there is null. */
function elementCode(list: string, at: string): string {
  return `${list} !== null && ${at} < ${list}.length ? ${list}[${at}] : null`;
}
