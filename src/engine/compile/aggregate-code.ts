import type { AggregateStep } from '../../sql/plan.ts';
import type { Aggregate } from '../operators/aggregate.ts';
import { valuesOf } from './fragment.ts';
import { HEADERS, type RowCode } from './row-code.ts';
import { storeKeyCode } from './stream-steps.ts';

/** GROUP BY over a stream: finds the row's group and adds the row to it, in place. */
export function aggregateCode(step: AggregateStep, aggregate: Aggregate): RowCode {
  const { key } = step.input.schema;
  return {
    row(columns, fragment) {
      const [name, group] = [fragment.local('key'), fragment.local('group')];
      const keyColumns = columns.slice(0, key.length);
      const store = fragment.constant(aggregate.store);
      return `const ${name} = ${storeKeyCode(key, keyColumns, fragment)};
if (${name} !== null) {
let ${group} = ${store}.get(${name});
if (${group} === undefined) {
${group} = ${fragment.constant(aggregate.layout.create)}(${valuesOf(keyColumns)});
${store}.add(${name}, ${group});
}
${store}.touch(${group});
${aggregate.layout.addCode(fragment, group, columns)}
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
