import type { Column, Row } from '../data/schema.ts';
import type { SqlValue } from '../data/types.ts';
import { encoderOf, type Write } from '../serde/format.ts';
import { format } from '../serde/formats.ts';
import { lastingColumn } from '../sql/join-reads.ts';
import type { FormatSpec, SourceStep, Step, StreamStreamJoinStep } from '../sql/plan.ts';
import type { RowCode } from './compile/row-code.ts';
import { compileJoined, inputCode } from './compile/stream-join-code.ts';
import { partitionOfKey } from './murmur2.ts';
import { formatOptions } from './operators/source.ts';
import { type PartitionOf, StreamJoin } from './operators/stream-join.ts';
import { JoinChangelog } from './store/join-changelog.ts';
import { type JoinSide, LEFT, RIGHT } from './store/join-key.ts';
import { JoinStore } from './store/join-store.ts';
import { storeKeyOf } from './store/store-key.ts';
import type { StateNode, TopologyOptions } from './topology.ts';
import { windowedKeyWriter, withoutBounds } from './windowed-key.ts';
import { isRekeyed } from './windowed-topology.ts';

export interface StreamJoinNode {
  /** The code that each side's rows end in. */
  readonly left: RowCode;
  readonly right: RowCode;
  /** The stores of both sides. */
  readonly states: readonly StateNode[];
}

/** A join of two streams with its stores and changelogs; `next` is what follows it. */
export function streamJoinNode(
  step: StreamStreamJoinStep,
  next: RowCode,
  { context, effects, state, partitionCount }: TopologyOptions,
): StreamJoinNode {
  const { left, right, keyWindow, keyFormat } = step;
  const { key } = left.schema;
  const written = withoutBounds(key, keyWindow);
  // The end of a time window is not written with its key, so it is not compared either.
  const compared = keyWindow === undefined || keyWindow.type === 'SESSION' ? key : key.slice(0, -1);
  const widths = { key: key.length, left: columnsOf(left).length, right: columnsOf(right).length };
  const { emit, used } = compileJoined(widths, next, effects);
  const store = new JoinStore(state, step.beforeMs + step.afterMs + step.graceMs);
  const write = format(keyFormat.name).writer(written, formatOptions(keyFormat, 'key'));
  const writeWhole = keyWindow === undefined ? write : windowedKeyWriter(write, keyWindow, written.length);
  // All windows of a key lie in its partition.
  const bytesOf = bytesBy(write);
  const byKey: PartitionOf = (row) => partitionOfKey(bytesOf(row), partitionCount);
  const byRecord: PartitionOf = (_, partition) => partition;
  const partitionOf = (side: Step) => (isMoved(side, keyFormat) && partitionCount > 1 ? byKey : byRecord);
  const join = new StreamJoin({
    ...step,
    store,
    emit,
    none: [nulls(used[LEFT].length), nulls(used[RIGHT].length)],
    partitionOf: [partitionOf(left), partitionOf(right)],
    keyBytesOf: bytesBy(writeWhole),
    context,
  });
  const keyOf = storeKeyOf(compared);
  const shape = { compared, keyWidth: key.length, windowSizeMs: keyWindow?.sizeMs };
  const changelogs = [left, right].map((side, at) => {
    const columns = used[at as JoinSide].map((index) => lastingColumn(side, index));
    return new JoinChangelog(store, at as JoinSide, key, keyOf, columns);
  });
  // As Kafka Streams calls the stores of a join with this name.
  const names = [`${step.id}-this-join-store`, `${step.id}-other-join-store`];
  return {
    left: inputCode(join.left, { ...shape, used: used[LEFT] }),
    right: inputCode(join.right, { ...shape, used: used[RIGHT] }),
    states: changelogs.map((changelog, at) => ({
      storeName: names[at] as string,
      changelog,
      operator: at === LEFT ? settling(join) : NOTHING_TO_TELL,
    })),
  };
}

function bytesBy(write: Write): (row: Row) => Uint8Array {
  const encode = encoderOf(write);
  return (row) => encode(row, 0) ?? new Uint8Array(0);
}

const NOTHING_TO_TELL: StateNode['operator'] = { toTell: () => [], tell() {}, replay: () => [] };

function settling(join: StreamJoin): StateNode['operator'] {
  return {
    ...NOTHING_TO_TELL,
    replay: () => join.settle(),
  };
}

/** Whether a side's rows come by another way than that of their record's partition. */
function isMoved(side: Step, { name, delimiter }: FormatSpec): boolean {
  if (isRekeyed(side)) return true;
  const { keyFormat } = leftmost(side);
  return keyFormat.name !== name || keyFormat.delimiter !== delimiter;
}

function leftmost(step: Step): SourceStep {
  if (step.step === 'sourceV1') return step;
  return leftmost('left' in step ? step.left : step.input);
}

function columnsOf({ schema }: Step): readonly Column[] {
  return [...schema.key, ...schema.value];
}

function nulls(count: number): Row {
  return new Array<SqlValue>(count).fill(null);
}
