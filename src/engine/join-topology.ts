import type { Row } from '../data/schema.ts';
import { encoderOf } from '../serde/format.ts';
import { format } from '../serde/formats.ts';
import { compileExpression, type OnError } from '../sql/compile.ts';
import type { ForeignKeyJoinStep, Step, TableTableJoinStep } from '../sql/plan.ts';
import type { Output } from './operators/change.ts';
import { ForeignKeyJoin } from './operators/foreign-key-join.ts';
import { type JoinRows, tableRowJoiner } from './operators/join-rows.ts';
import { formatOptions } from './operators/source.ts';
import { TableJoin } from './operators/table-join.ts';
import { ForeignKeyIndex } from './store/foreign-key-index.ts';
import { storeKeyOf } from './store/store-key.ts';
import type { TopologyOptions } from './topology.ts';

/** The operator of a join of tables; its sides are yet to be connected. */
export function tableJoin(
  step: TableTableJoinStep,
  output: Output,
  tellsOld: boolean,
  { context }: TopologyOptions,
): TableJoin {
  const keyOf = storeKeyOf(step.schema.key);
  return new TableJoin({ join: step.join, keyOf, joinRows: joinRowsOf(step), tellsOld, context, output });
}

export function foreignKeyJoin(
  step: ForeignKeyJoinStep,
  output: Output,
  tellsOld: boolean,
  onError: OnError,
  { context, effects, state }: TopologyOptions,
): ForeignKeyJoin {
  const { left, right, join, foreignKey, keyFormat } = step;
  const { key } = left.schema;
  const encode = encoderOf(format(keyFormat.name).writer(key, formatOptions(keyFormat, 'key')));
  return new ForeignKeyJoin({
    join,
    index: new ForeignKeyIndex(state),
    leftKeyOf: storeKeyOf(key),
    rightKeyOf: storeKeyOf(right.schema.key),
    foreignKeyOf: compileExpression(foreignKey, onError, effects),
    leftKeyBytes: (row: Row) => encode(row, 0) ?? new Uint8Array(0),
    joinRows: joinRowsOf(step),
    tellsOld,
    context,
    output,
  });
}

function joinRowsOf({ schema, left, right }: TableTableJoinStep | ForeignKeyJoinStep): JoinRows {
  return tableRowJoiner(schema.key.length, columnsOf(left), columnsOf(right));
}

/** Without pseudo columns, which end with their source. */
function columnsOf({ schema }: Step): number {
  return schema.key.length + schema.value.length;
}
