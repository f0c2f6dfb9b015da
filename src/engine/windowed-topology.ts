import type { Row } from '../data/schema.ts';
import { encoderOf } from '../serde/format.ts';
import { format } from '../serde/formats.ts';
import { bindAggregate } from '../sql/functions/bind-aggregate.ts';
import { inputsOf, type KeyWindow, type Step, type WindowedAggregateStep } from '../sql/plan.ts';
import { GroupLayout } from './group-layout.ts';
import { partitionOfKey } from './murmur2.ts';
import type { Output } from './operators/change.ts';
import { SessionAggregate } from './operators/session-aggregate.ts';
import { formatOptions } from './operators/source.ts';
import { WindowAggregate } from './operators/window-aggregate.ts';
import type { WindowedOptions } from './operators/window-keeper.ts';
import { rowWidth } from './row-width.ts';
import { storeKeyOf } from './store/store-key.ts';
import { WindowChangelog } from './store/window-changelog.ts';
import { WINDOW_FIELDS } from './store/window-spilling.ts';
import { WindowStore } from './store/window-store.ts';
import type { StateNode, TopologyOptions } from './topology.ts';

/** ksqlDB's EMIT FINAL: one record far ahead in time, and the windows that it closes are never given out. */
const LOSES_ON_JUMP = 'ksql.suppress.loses.on.jump';

interface WindowedNode extends StateNode {
  readonly operator: WindowAggregate | SessionAggregate;
}

/** The operator of a windowed aggregation with its store and changelog. */
export function windowedAggregateNode(
  step: WindowedAggregateStep,
  output: Output,
  below: Pick<WindowedOptions, 'tellsOld' | 'tellsEachChange' | 'onExpired'>,
  { context, properties, effects, partitionCount, state }: TopologyOptions,
): WindowedNode {
  const { window, graceMs, retentionMs, emit, keyFormat, input } = step;
  const { key } = input.schema;
  const keyOf = storeKeyOf(key);
  const encode = encoderOf(format(keyFormat.name).writer(key, formatOptions(keyFormat, 'key')));
  const keyBytesOf = (row: Row) => encode(row, 0) ?? new Uint8Array(0);
  const layout = layoutOf(step, (error) => context.report(step.id, error), { properties, effects });
  // A round ends with everything told, and until then no window goes; of EMIT FINAL each is told once.
  const hasTold = below.tellsOld && emit === 'CHANGES';
  const store = new WindowStore(window.type === 'SESSION' ? 'end' : 'start', layout, state, (group) => {
    if (hasTold) group.told = layout.result(group);
  });
  const options: WindowedOptions = {
    store,
    layout,
    keyWidth: key.length,
    keyBytesOf,
    partitionOf: isRekeyed(input)
      ? (row) => partitionOfKey(keyBytesOf(row), partitionCount)
      : (_, partition) => partition,
    graceMs,
    retentionMs,
    emit,
    losesOnJump: properties[LOSES_ON_JUMP]?.toLowerCase() === 'true',
    ...below,
    context,
    output,
  };
  const operator =
    window.type === 'SESSION' ? new SessionAggregate(window, options) : new WindowAggregate(window, options);
  const keyWindow: KeyWindow =
    window.type === 'SESSION' ? { type: window.type } : { type: window.type, sizeMs: window.sizeMs };
  const changelog = new WindowChangelog(store, key, keyWindow, keyOf, layout);
  return { storeName: step.id, operator, changelog };
}

/** Of groups whose key includes the window's bounds. */
function layoutOf(
  { schema, input, aggregates }: WindowedAggregateStep,
  onError: (error: Error) => void,
  { properties, effects }: Pick<TopologyOptions, 'properties' | 'effects'>,
): GroupLayout {
  const calls = aggregates.map(({ function: name, args, init }) => {
    const types = args.map(({ type }) => type);
    return { aggregator: bindAggregate(name, types, init, properties), args };
  });
  return new GroupLayout({
    calls,
    keyWidth: schema.key.length,
    inputWidth: rowWidth(input),
    onError,
    effects,
    moreFields: WINDOW_FIELDS,
  });
}

/** Whether rows have come to another partition than that of their record. */
export function isRekeyed(step: Step): boolean {
  if (step.step === 'rekeyV1') return true;
  // A stream's rows do not move to the table that they look up.
  return step.step === 'streamTableJoinV1' ? isRekeyed(step.left) : inputsOf(step).some(isRekeyed);
}
