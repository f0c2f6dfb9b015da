import type { ColumnCode } from '../sql/compile/generator.ts';
import type { OnError } from '../sql/compile.ts';
import { bindAggregate } from '../sql/functions/bind-aggregate.ts';
import type { AggregateStep, ProjectStep, Step } from '../sql/plan.ts';
import { type Fragment, valuesOf } from './compile/fragment.ts';
import { type FromGroup, GroupLayout } from './group-layout.ts';
import { Aggregate, type GroupOutput } from './operators/aggregate.ts';
import type { SinkWriter } from './operators/sink-writer.ts';
import { rowWidth } from './row-width.ts';
import { changelogCodec, stateColumns } from './store/changelog.ts';
import { GroupChangelog } from './store/group-changelog.ts';
import { groupPacking } from './store/group-packing.ts';
import { groupSpilling } from './store/group-spilling.ts';
import { type Group, GroupStore } from './store/group-store.ts';
import { storeKeyOf } from './store/store-key.ts';
import type { StateNode, TopologyOptions } from './topology.ts';

export interface AggregateNode extends StateNode {
  readonly operator: Aggregate;
}

/** Makes what the changed groups of an aggregation go to. */
export type GroupOutputOf = (layout: GroupLayout, store: GroupStore) => GroupOutput;

/** An aggregation without windows, with its store and changelog. */
export function aggregateNode(
  step: AggregateStep,
  outputOf: GroupOutputOf,
  onError: OnError,
  { context, effects, properties, state }: TopologyOptions,
): AggregateNode {
  const { key } = step.schema;
  const keyOf = storeKeyOf(key);
  const calls = step.aggregates.map(({ function: name, args, init }) => {
    const types = args.map(({ type }) => type);
    return { aggregator: bindAggregate(name, types, init, properties), args };
  });
  const keyWidth = key.length;
  const layout = new GroupLayout({ calls, keyWidth, inputWidth: rowWidth(step.input), onError, effects });
  const codec = changelogCodec(key, stateColumns(calls));
  const onRead = (group: Group) => output.loaded(group);
  const groups = state.map(groupSpilling(layout, onRead), groupPacking(codec, key, keyOf, layout, onRead));
  const store = new GroupStore(
    groups,
    layout.isOfFixedSize ? undefined : (group) => layout.stateBytes(group),
  );
  const output = outputOf(layout, store);
  const operator = new Aggregate({ store, layout, keyOf, keyWidth, context, output });
  return { storeName: step.id, operator, changelog: new GroupChangelog(store, key, layout) };
}

/** From a group to the row that projections make of it; undefined when that is not the same at every time. */
export function rowOfGroup(
  layout: GroupLayout,
  projections: readonly ProjectStep[],
  onErrorOf: (stepId: string) => OnError,
): FromGroup | undefined {
  return layout.compilePure((fragment, columns) => projected(fragment, columns, projections, onErrorOf));
}

/** From a group to its record, where `rowOfGroup` gives a row: the same without one. Undefined where the format needs it. */
export function recordOfGroup(
  layout: GroupLayout,
  projections: readonly ProjectStep[],
  onErrorOf: (stepId: string) => OnError,
  writer: SinkWriter,
): ((group: Group) => void) | undefined {
  return layout.compile((fragment, groupColumns) => {
    const { lines, columns } = projected(fragment, groupColumns, projections, onErrorOf);
    const key = valuesOf(columns.slice(0, writer.keyWidth));
    const values = columns.slice(writer.keyWidth).map((column) => ({ value: column.code().js }));
    const write = writer.valueCode(values, (value) => fragment.constant(value));
    if (write === undefined) return undefined;
    const to = fragment.constant(writer);
    return fragment.build(
      'g',
      `${lines}
const out = ${to}.begin();
${write}
${to}.finish([${key}], g.timestampMs, g.headers);`,
    );
  });
}

function projected(
  fragment: Fragment,
  groupColumns: readonly ColumnCode[],
  projections: readonly ProjectStep[],
  onErrorOf: (stepId: string) => OnError,
): { lines: string; columns: readonly ColumnCode[] } {
  const lines: string[] = [];
  let columns = groupColumns;
  for (const projection of projections) {
    const next = fragment.columns(projection.columns, columns, onErrorOf(projection.id));
    lines.push(next.lines);
    columns = next.columns;
  }
  return { lines: lines.join('\n'), columns };
}

/** The aggregation whose groups a table's rows are, when only projections are in between. */
export function projectionsOfAggregate(
  step: Step,
): { readonly aggregate: AggregateStep; readonly projections: readonly ProjectStep[] } | undefined {
  const projections: ProjectStep[] = [];
  let at = step;
  for (; at.step === 'projectV1'; at = at.input) projections.unshift(at);
  return at.step === 'aggregateV1' ? { aggregate: at, projections } : undefined;
}
