import type { Column } from '../../data/schema.ts';
import type { ColumnCode } from '../../sql/compile/generator.ts';
import type { SessionAggregate } from '../operators/session-aggregate.ts';
import { WindowAggregate } from '../operators/window-aggregate.ts';
import { type Fragment, valuesOf } from './fragment.ts';
import { HEADERS, type RowCode } from './row-code.ts';
import { storeKeyCode } from './stream-steps.ts';

/** GROUP BY and WINDOW over a stream: finds the row's windows and adds the row to them, in place. */
export function windowCode(key: readonly Column[], aggregate: WindowAggregate | SessionAggregate): RowCode {
  return {
    row(columns, fragment) {
      const [name, windows] = [fragment.local('key'), fragment.local('windows')];
      const keyColumns = columns.slice(0, key.length);
      const keyRow = `[${valuesOf(keyColumns)}]`;
      const operator = fragment.constant(aggregate);
      const keeper = fragment.constant(aggregate.keeper);
      const add =
        aggregate instanceof WindowAggregate
          ? inTimeWindows(aggregate, windows, keyRow, columns, fragment)
          : inSession(aggregate, windows, keyRow, columns, fragment);
      return `const ${name} = ${storeKeyCode(key, keyColumns, fragment)};
if (${name} !== null && timestampMs >= 0) {
const ${windows} = ${fragment.constant(aggregate.store)}.find(${name}) ?? ${keeper}.open(${name}, ${keyRow}, partition);
${add}
${operator}.end(${windows}, partition, offset);
}`;
    },
    nullRow: () => '',
  };
}

function inTimeWindows(
  aggregate: WindowAggregate,
  windows: string,
  keyRow: string,
  columns: readonly ColumnCode[],
  fragment: Fragment,
): string {
  const [start, group] = [fragment.local('start'), fragment.local('group')];
  const operator = fragment.constant(aggregate);
  return `for (let ${start} = ${operator}.begin(${windows}, timestampMs); ${start} <= timestampMs; ${start} += ${operator}.advanceMs) {
let ${group} = ${operator}.find(${windows}, ${start});
if (${group} === null) continue;
if (${group} === undefined) ${group} = ${operator}.create(${windows}, ${start}, ${keyRow});
${addRow(aggregate, group, columns, fragment)}
}`;
}

function inSession(
  aggregate: SessionAggregate,
  windows: string,
  keyRow: string,
  columns: readonly ColumnCode[],
  fragment: Fragment,
): string {
  const group = fragment.local('group');
  const operator = fragment.constant(aggregate);
  return `const ${group} = ${operator}.begin(${windows}, timestampMs, ${keyRow}, partition, offset);
if (${group} !== undefined) {
${addRow(aggregate, group, columns, fragment)}
}`;
}

function addRow(
  aggregate: WindowAggregate | SessionAggregate,
  group: string,
  columns: readonly ColumnCode[],
  fragment: Fragment,
): string {
  return `${fragment.constant(aggregate.store)}.touch(${group});
${aggregate.layout.addCode(fragment, group, columns)}
if (timestampMs > ${group}.timestampMs) ${group}.timestampMs = timestampMs;
${group}.partition = partition;
${group}.offset = offset;
${group}.headers = ${HEADERS};
${fragment.constant(aggregate.keeper)}.changed(${group});`;
}
