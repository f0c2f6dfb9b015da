import type { Column, Row } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import type { ColumnCode } from '../../sql/compile/generator.ts';
import type { OnError } from '../../sql/compile.ts';
import { type Expression, readsColumn } from '../../sql/expression.ts';
import type { FilterStep, ProjectStep, RekeyStep, StreamTableJoinStep } from '../../sql/plan.ts';
import { Change, type Output } from '../operators/change.ts';
import { isOneMapKey, storeKeyOf } from '../store/store-key.ts';
import type { TableLookup } from '../table-lookup.ts';
import { type Fragment, localColumn, NULL_COLUMN, valuesOf } from './fragment.ts';
import { KeyColumn } from './key-column.ts';
import type { RowCode } from './row-code.ts';

/** WHERE. A record without a value has nothing to compare and is dropped. */
export function filterCode(step: FilterStep, onError: OnError, next: RowCode): RowCode {
  return {
    row(columns, fragment) {
      const matches = fragment.local('matches');
      const condition = fragment.over(columns, onError, (generator) => generator.condition(step.predicate));
      return `let ${matches} = false;
try { ${matches} = ${condition}; } catch (error) { ${fragment.constant(onError)}(error); }
if (${matches}) {
${next.row(columns, fragment)}
}`;
    },
    nullRow: () => '',
  };
}

/** SELECT. The key stays what it is. */
export function projectCode(step: ProjectStep, onError: OnError, next: RowCode): RowCode {
  return {
    row(columns, fragment) {
      const selected = fragment.columns(step.columns, columns, onError);
      return `${selected.lines}\n${next.row(selected.columns, fragment)}`;
    },
    nullRow: (key, fragment) => next.nullRow(key, fragment),
  };
}

/**
 * A new key before the columns there were. In one process this is all there is to a repartition: rows meet in the
 * stores of the steps below. GROUP BY leaves out rows with a null in the key.
 */
export function rekeyCode(step: RekeyStep, onError: OnError, next: RowCode): RowCode {
  const { key, value } = step.input.schema;
  return {
    row(columns, fragment) {
      const rekeyed = fragment.columns(step.key, columns, onError);
      const rest = next.row([...rekeyed.columns, ...columns], fragment);
      if (step.purpose !== 'GROUP_BY') return `${rekeyed.lines}\n${rest}`;
      const present = rekeyed.columns.map(isPresent).join(' && ');
      return `${rekeyed.lines}\nif (${present}) {\n${rest}\n}`;
    },
    // PARTITION BY keeps records without a value, with null where a key column would come from the value.
    nullRow(oldKey, fragment) {
      if (step.purpose !== 'PARTITION_BY') return '';
      const pseudo = step.input.step === 'sourceV1' ? step.input.pseudo : [];
      const input = [...oldKey, ...[...value, ...pseudo].map(() => NULL_COLUMN)];
      const needsValue = step.key.map((expression) => readsColumnsFrom(expression, key.length));
      const rekeyed = fragment.columns(step.key, input, onError);
      const newKey = rekeyed.columns.map((column, index) => (needsValue[index] ? NULL_COLUMN : column));
      const report = needsValue.includes(true)
        ? `${fragment.constant(() => onError(new Error('the new key needs a value, and the record has none')))}();`
        : '';
      return `${report}\n${rekeyed.lines}\n${next.nullRow(newKey, fragment)}`;
    },
  };
}

/** Not null. Nobody needs a text for that. */
function isPresent(column: ColumnCode): string {
  const plain = column.plainText?.();
  if (plain === undefined) return `${column.code().js} !== null`;
  return `(${plain.start} !== null || ${plain.value} !== null)`;
}

export function readsColumnsFrom(expression: Expression, index: number): boolean {
  return readsColumn(expression, (column) => column >= index);
}

/**
 * Stream rows meet the table's row of the moment; only they emit, with their own timestamp. The table is kept up to
 * date by its own branch of the plan, and the task feeds both in the order of time.
 *
 *   stream --row--> lookup by key --+--found--> key, left columns, right columns
 *   table  ------------^            +--none---> LEFT: right columns null    INNER: nothing
 */
export function joinCode(step: StreamTableJoinStep, table: TableLookup, next: RowCode): RowCode {
  const { left, right } = step;
  const leftWidth = left.schema.key.length + left.schema.value.length;
  const rightWidth = right.schema.key.length + right.schema.value.length;
  const none: Row = new Array<SqlValue>(rightWidth).fill(null);
  return {
    row(columns, fragment) {
      const [found, row] = [fragment.local('found'), fragment.local('right')];
      const rightColumns = Array.from({ length: rightWidth }, (_, index) => localColumn(`${row}[${index}]`));
      const keyWidth = left.schema.key.length;
      const { numbered } = table;
      const keyed =
        numbered && isOneMapKey(left.schema.key)
          ? KeyColumn.first(columns, numbered.keys, fragment)
          : undefined;
      const leftColumns = keyed?.columns ?? columns;
      const rest = next.row(
        [...leftColumns.slice(0, keyWidth), ...leftColumns.slice(0, leftWidth), ...rightColumns],
        fragment,
      );
      const lookUp =
        keyed && numbered
          ? `${keyed.lines()}\n${keyed.key.lookUp(numbered, found)}`
          : lookUpCode(left.schema.key, columns.slice(0, keyWidth), table, found, fragment);
      return `${lookUp}
${step.join === 'INNER' ? `if (${found} !== undefined)` : ''} {
const ${row} = ${found} === undefined ? ${fragment.constant(none)} : ${found}.row;
${rest}
}`;
    },
    nullRow: () => '',
  };
}

function lookUpCode(
  key: readonly Column[],
  code: readonly ColumnCode[],
  table: TableLookup,
  found: string,
  fragment: Fragment,
): string {
  const name = fragment.local('key');
  return `const ${name} = ${storeKeyCode(key, code, fragment)};
const ${found} = ${name} === null ? undefined : ${fragment.constant(table)}.get(${name});`;
}

/** The key under which a store finds a row, null for none. */
export function storeKeyCode(
  columns: readonly Column[],
  code: readonly ColumnCode[],
  fragment: Fragment,
): string {
  if (isOneMapKey(columns)) return (code[0] as ColumnCode).code().js;
  return `${fragment.constant(storeKeyOf(columns))}([${valuesOf(code)}])`;
}

/** Hands rows to an operator as changes. */
export function outputCode(output: Output, keyWidth: number): RowCode {
  return {
    row(columns, fragment) {
      const row = fragment.local('row');
      return `const ${row} = [${valuesOf(columns)}];
${fragment.constant(output)}.push(new (${fragment.constant(Change)})(${row}, ${row}, null, timestampMs, partition, offset));`;
    },
    nullRow: (key, fragment) =>
      `${fragment.constant(output)}.push(new (${fragment.constant(Change)})([${valuesOf(
        key.slice(0, keyWidth),
      )}], null, null, timestampMs, partition, offset));`,
  };
}
