import type { AggregateStep } from '../../sql/plan.ts';
import type { Aggregate } from '../operators/aggregate.ts';
import { isOneMapKey } from '../store/store-key.ts';
import { valuesOf } from './fragment.ts';
import { KeyColumn } from './key-column.ts';
import { HEADERS, type RowCode } from './row-code.ts';
import { storeKeyCode } from './stream-steps.ts';

/** GROUP BY over a stream: finds the row's group and adds the row to it, in place. */
export function aggregateCode(step: AggregateStep, aggregate: Aggregate): RowCode {
  const { key } = step.input.schema;
  const { layout } = aggregate;
  return {
    row(columns, fragment) {
      const [name, group] = [fragment.local('key'), fragment.local('group')];
      const store = fragment.constant(aggregate.store);
      const keyed = isOneMapKey(key) ? KeyColumn.first(columns, aggregate.store.keys, fragment) : undefined;
      const input = keyed?.columns ?? columns;
      const add = layout.addCode(fragment, group, input);
      const keyValues = keyed ? name : valuesOf(columns.slice(0, key.length));
      const create = `${group} = ${store}.get(${name});
if (${group} === undefined) {
${group} = ${fragment.constant(layout.create)}(${keyValues});
${store}.add(${name}, ${group});
}`;
      const find = keyed
        ? `${keyed.lines()}
let ${group} = ${keyed.key.at(aggregate.store)};
if (${group} === undefined) {
const ${name} = ${keyed.key.late()};
if (${name} !== null) {
${create}
}
}`
        : `let ${group};
const ${name} = ${storeKeyCode(key, columns.slice(0, key.length), fragment)};
if (${name} !== null) {
${create}
}`;
      return `${find}
if (${group} !== undefined) {
${store}.touch(${group});
${add}
if (timestampMs > ${group}.timestampMs) ${group}.timestampMs = timestampMs;
${group}.partition = partition;
${group}.offset = offset;
${group}.headers = ${HEADERS};
${fragment.constant(aggregate.output)}.changed(${group});
}`;
    },
    nullRow: () => '',
  };
}
