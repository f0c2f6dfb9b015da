import { unreachable } from '../base/assert.ts';
import type { Row } from '../data/schema.ts';
import { SerdeError } from '../serde/format.ts';
import type { Schemas } from '../serde/schemas.ts';
import { compilePredicate, compileProjection, type OnError } from '../sql/compile.ts';
import type { Expression } from '../sql/expression.ts';
import { bindAggregate } from '../sql/functions/bind-aggregate.ts';
import type { Effects } from '../sql/functions/scalar.ts';
import type {
  AggregateStep,
  FilterStep,
  ForeignKeyJoinStep,
  ProjectStep,
  RekeyStep,
  SourceStep,
  Step,
  StreamStreamJoinStep,
  TableTableJoinStep,
  WindowedAggregateStep,
} from '../sql/plan.ts';
import { aggregateCode } from './compile/aggregate-code.ts';
import { flatMapCode } from './compile/flat-map-code.ts';
import type { RowCode } from './compile/row-code.ts';
import { compileShared, type SharedRun } from './compile/shared-source.ts';
import { sinkCode } from './compile/sink-code.ts';
import { type ConsumeRecord, compileSource, type SkipRecord } from './compile/source-code.ts';
import { filterCode, joinCode, outputCode, projectCode, rekeyCode } from './compile/stream-steps.ts';
import { windowCode } from './compile/window-code.ts';
import { GroupLayout } from './group-layout.ts';
import { foreignKeyJoin, tableJoin } from './join-topology.ts';
import { LastingError } from './lasting-error.ts';
import { Aggregate, GroupChanges, type GroupOutput } from './operators/aggregate.ts';
import { NOWHERE, type Output, type QueryContext } from './operators/change.ts';
import { TableFilter } from './operators/filter.ts';
import type { ForeignKeyJoin } from './operators/foreign-key-join.ts';
import type { Outlet } from './operators/outlet.ts';
import { Project } from './operators/project.ts';
import { Rekey } from './operators/rekey.ts';
import { SourceDecoder } from './operators/source.ts';
import { StreamSink } from './operators/stream-sink.ts';
import type { TableJoin } from './operators/table-join.ts';
import { TableKeeper } from './operators/table-keeper.ts';
import { SinkGroups, TableSink } from './operators/table-sink.ts';
import { type ExpiringRows, TableSource } from './operators/table-source.ts';
import { WindowExpiry } from './operators/window-expiry.ts';
import { rowWidth } from './row-width.ts';
import { type Changelog, GroupChangelog } from './store/group-changelog.ts';
import { groupSpilling } from './store/group-spilling.ts';
import { type Group, GroupStore } from './store/group-store.ts';
import type { StateSpace } from './store/state-space.ts';
import { storeKeyOf } from './store/store-key.ts';
import { streamJoinNode } from './stream-join-topology.ts';
import { matchingRows, projectedRows, type TableLookup } from './table-lookup.ts';
import { withoutBounds } from './windowed-key.ts';
import { windowedAggregateNode } from './windowed-topology.ts';

export interface SourceNode {
  readonly step: SourceStep;
  readonly consume: ConsumeRecord;
  /** The same over records that were decoded for several queries; streams only. */
  readonly shared: SharedRun | undefined;
  /** Set for tables. */
  readonly table: { readonly decoder: SourceDecoder; readonly source: TableSource } | undefined;
}

/** A store of a step that keeps something, with its changelog. */
export interface StateNode {
  readonly storeName: string;
  readonly operator: {
    /** At the end of a round: groups of aggregations of which those below may not have been told yet ... */
    toTell(): readonly Group[];
    /** ... and some of them, in order, to be told of now. */
    tell(groups: readonly Group[]): void;
    /** Everything the store holds, told anew, a part a step: refills what is derived further down. */
    replay(): Iterable<void>;
  };
  readonly changelog: Changelog;
}

/**
 * A plan's operators, connected. Streams are compiled: from its source to the first step that keeps something, all steps
 * are one function over records. What follows, changes of tables, goes from operator to operator.
 *
 *   stream topic --compiled: decode, filter, project, rekey, join--+--> aggregate --changes--> filter, project --> sink
 *                                                ^                 +--> sink
 *   table topic --decode--> table source --changes                 +--> join of streams --compiled--> as above
 *
 * Tables come before streams in `sources`.
 */
export interface Topology {
  readonly sources: readonly SourceNode[];
  readonly states: readonly StateNode[];
  readonly outlet: Outlet;
}

export interface TopologyOptions {
  readonly context: QueryContext;
  readonly effects: Effects;
  /** Those that records of the sources name. */
  readonly schemas?: Schemas;
  readonly properties: Readonly<Record<string, string>>;
  /** Of the source's topic that has most: as many a repartition topic would have. */
  readonly partitionCount: number;
  /** Where the operators keep what they have to remember. */
  readonly state: StateSpace;
}

/** Builds the operators of a plan from its end to its sources, since each is made with the one it pushes to. */
export function buildTopology(root: Step, outlet: Outlet, options: TopologyOptions): Topology {
  const builder = new Builder(options, outlet);
  builder.attachOutlet(root.step === 'sinkV1' ? root.input : root, outlet);
  const tables = builder.sources.filter(({ table }) => table);
  const streams = builder.sources.filter(({ table }) => !table);
  return { sources: [...tables, ...streams], states: builder.states, outlet };
}

/** Of a row that was told before it was looked up. */
const ALREADY_REPORTED: OnError = () => {};

class Builder {
  readonly sources: SourceNode[] = [];
  readonly states: StateNode[] = [];
  readonly #options: TopologyOptions;
  readonly #outlet: Outlet;
  /** The aggregation of whose groups only the last change in a round reaches the sink. */
  #mergedAtSink: Step | undefined;

  constructor(options: TopologyOptions, outlet: Outlet) {
    this.#options = options;
    this.#outlet = outlet;
  }

  /** `wantsOld`: whether `output` reads the old rows of table changes. */
  attach(step: Step, output: Output, wantsOld: boolean): void {
    if (step.relation === 'STREAM') {
      this.#stream(
        step,
        output instanceof StreamSink ? sinkCode(output) : outputCode(output, step.schema.key.length),
      );
      return;
    }
    switch (step.step) {
      case 'sourceV1':
        this.#tableSource(step, output);
        return;
      case 'filterV1':
        this.attach(step.input, this.#filter(step, output), true);
        return;
      case 'projectV1':
        this.attach(step.input, new Project(this.#projection(step.id, step.columns), output), wantsOld);
        return;
      case 'rekeyV1':
        this.attach(step.input, this.#rekey(step, output), wantsOld);
        return;
      case 'aggregateV1':
        this.#aggregate(step, (layout) => this.#groupChanges(step, layout, output, wantsOld));
        return;
      case 'windowedAggregateV1':
        this.#windowedAggregate(step, output, wantsOld);
        return;
      case 'tableTableJoinV1':
      case 'foreignKeyJoinV1':
        this.#tableJoin(step, output, wantsOld);
        return;
      case 'flatMapV1':
      case 'streamTableJoinV1':
      case 'streamStreamJoinV1':
      case 'sinkV1':
        throw new Error(`step ${step.id}: ${step.step} inside a plan makes no table`);
      default:
        unreachable(step);
    }
  }

  /** The end of a plan, which knows more direct ways for what is common. */
  attachOutlet(step: Step, outlet: Outlet): void {
    if (outlet instanceof TableSink) {
      if (outlet.merges) this.#mergedAtSink = inputOf(step, ['projectV1', 'filterV1']);
      const { aggregate, projections } = projectionsOfAggregate(step) ?? {};
      if (aggregate && projections) {
        this.#aggregate(aggregate, (layout, store) =>
          this.#sinkGroups(aggregate, projections, layout, store, outlet),
        );
        return;
      }
    }
    this.attach(step, outlet, false);
  }

  #sinkGroups(
    aggregate: AggregateStep,
    projections: readonly ProjectStep[],
    layout: GroupLayout,
    store: GroupStore,
    sink: TableSink,
  ): GroupOutput {
    const rowOf = (onError: (stepId: string) => OnError) =>
      layout.compilePure((fragment, groupColumns) => {
        const lines: string[] = [];
        let columns = groupColumns;
        for (const projection of projections) {
          const next = fragment.columns(projection.columns, columns, onError(projection.id));
          lines.push(next.lines);
          columns = next.columns;
        }
        return { lines: lines.join('\n'), columns };
      });
    const rowToWrite = rowOf((stepId) => this.#onError(stepId));
    const rowToRead = rowOf(() => ALREADY_REPORTED);
    if (rowToWrite && rowToRead) {
      sink.readFrom(store, rowToRead);
      return new SinkGroups(sink, rowToWrite);
    }
    const output = projections.reduceRight<Output>(
      (next, { id, columns }) => new Project(this.#projection(id, columns), next),
      sink,
    );
    return this.#groupChanges(aggregate, layout, output, false);
  }

  #stream(step: Step, next: RowCode): void {
    const { effects, schemas } = this.#options;
    switch (step.step) {
      case 'sourceV1':
        this.sources.push({
          step,
          consume: compileSource(step, next, effects, this.#skip, schemas),
          shared: compileShared(step, next, effects),
          table: undefined,
        });
        return;
      case 'filterV1':
        this.#stream(step.input, filterCode(step, this.#onError(step.id), next));
        return;
      case 'projectV1':
        this.#stream(step.input, projectCode(step, this.#onError(step.id), next));
        return;
      case 'rekeyV1':
        this.#stream(step.input, rekeyCode(step, this.#onError(step.id), next));
        return;
      case 'flatMapV1':
        this.#stream(step.input, flatMapCode(step, this.#onError(step.id), next));
        return;
      case 'streamTableJoinV1':
        this.#stream(step.left, joinCode(step, this.#attachLookup(step.right, NOWHERE, false), next));
        return;
      case 'streamStreamJoinV1':
        this.#streamJoin(step, next);
        return;
      case 'aggregateV1':
      case 'windowedAggregateV1':
      case 'tableTableJoinV1':
      case 'foreignKeyJoinV1':
      case 'sinkV1':
        throw new Error(`step ${step.id}: ${step.step} inside a plan makes no stream`);
      default:
        unreachable(step);
    }
  }

  #streamJoin(step: StreamStreamJoinStep, next: RowCode): void {
    const { left, right, states } = streamJoinNode(step, next, this.#options);
    this.states.push(...states);
    this.#stream(step.left, left);
    this.#stream(step.right, right);
  }

  #tableSource(step: SourceStep, output: Output): TableSource {
    const decoder = new SourceDecoder(step, this.#options.schemas);
    const onNullKey = () => this.#options.context.report(step.id, new Error('a table record without a key'));
    const keyOf = storeKeyOf(step.schema.key);
    const { state } = this.#options;
    const source = new TableSource(state, keyOf, onNullKey, output, this.#expiring(step));
    const consume: ConsumeRecord = (cursor, partition) => {
      try {
        source.push(decoder.decode(cursor, partition));
      } catch (error) {
        if (!(error instanceof SerdeError)) throw error;
        this.#skip(step, partition, cursor.offset, error);
      }
    };
    this.sources.push({ step, consume, shared: undefined, table: { decoder, source } });
    return source;
  }

  #expiring({ window, schema }: SourceStep): ExpiringRows | undefined {
    if (window?.retentionMs === undefined) return undefined;
    const width = withoutBounds(schema.key, window).length;
    return { expiry: new WindowExpiry(window, window.retentionMs, width), onExpired: this.#forget };
  }

  readonly #forget = (key: Row): void => {
    if (this.#outlet instanceof TableSink) this.#outlet.forget(key);
  };

  readonly #skip: SkipRecord = ({ id, topic }, partition, offset, error) => {
    const { context, properties } = this.#options;
    if (properties['ksql.fail.on.deserialization.error']?.toLowerCase() === 'true')
      throw new LastingError(
        `${topic}-${partition} at offset ${offset} cannot be read: ${error.message}. ksql.fail.on.deserialization.error is true.`,
      );
    context.reportSkipped(id, topic, partition, offset, error);
  };

  #filter(step: FilterStep, output: Output): Output {
    const matches = compilePredicate(step.predicate, this.#onError(step.id), this.#options.effects);
    return new TableFilter(matches, output);
  }

  #rekey(step: RekeyStep, output: Output): Output {
    const options = {
      key: this.#projection(step.id, step.key),
      keyWidth: step.key.length,
      inputWidth: rowWidth(step.input),
      dropsNullKeys: step.purpose === 'GROUP_BY',
    };
    return new Rekey(options, output);
  }

  #aggregate(step: AggregateStep, outputOf: (layout: GroupLayout, store: GroupStore) => GroupOutput): void {
    const { context, effects, properties, state } = this.#options;
    const { key } = step.schema;
    const keyOf = storeKeyOf(key);
    const layout = new GroupLayout({
      calls: step.aggregates.map(({ function: name, args, init }) => ({
        aggregator: bindAggregate(
          name,
          args.map(({ type }) => type),
          init,
          properties,
        ),
        args,
      })),
      keyWidth: key.length,
      inputWidth: rowWidth(step.input),
      onError: this.#onError(step.id),
      effects,
    });
    const groups = state.map(groupSpilling(layout, (group) => output.loaded(group)));
    const store = new GroupStore(
      groups,
      layout.isOfFixedSize ? undefined : (group) => layout.stateBytes(group),
    );
    const output = outputOf(layout, store);
    const operator = new Aggregate({
      store,
      layout,
      keyOf,
      keyWidth: key.length,
      context,
      output,
    });
    this.states.push({
      storeName: step.id,
      operator,
      changelog: new GroupChangelog(store, key, keyOf, layout),
    });
    if (step.input.relation === 'STREAM') this.#stream(step.input, aggregateCode(step, operator));
    else this.attach(step.input, operator, true);
  }

  #windowedAggregate(step: WindowedAggregateStep, output: Output, tellsOld: boolean): void {
    const below = { tellsOld, tellsEachChange: step !== this.#mergedAtSink, onExpired: this.#forget };
    const node = windowedAggregateNode(step, output, below, this.#options);
    this.states.push(node);
    this.#stream(step.input, windowCode(step.input.schema.key, node.operator));
  }

  #groupChanges(step: AggregateStep, layout: GroupLayout, output: Output, tellsOld: boolean): GroupOutput {
    const { context } = this.#options;
    const tellsEachChange = step !== this.#mergedAtSink;
    return new GroupChanges({ layout, tellsOld, tellsEachChange, context, output });
  }

  #tableJoin(
    step: TableTableJoinStep | ForeignKeyJoinStep,
    output: Output,
    tellsOld: boolean,
  ): TableJoin | ForeignKeyJoin {
    const join =
      step.step === 'tableTableJoinV1'
        ? tableJoin(step, output, tellsOld, this.#options)
        : foreignKeyJoin(step, output, tellsOld, this.#onError(step.id), this.#options);
    join.leftRows = this.#attachLookup(step.left, join.left, true);
    join.rightRows = this.#attachLookup(step.right, join.right, true);
    return join;
  }

  /**
   * As `attach`, for a table that somebody looks up besides. Sources keep their rows anyway, and what filters, projections
   * and joins make of rows is made again when it is asked for; the rows of others are kept.
   */
  #attachLookup(step: Step, output: Output, wantsOld: boolean): TableLookup {
    const { effects, state } = this.#options;
    switch (step.step) {
      case 'sourceV1':
        return this.#tableSource(step, output);
      case 'filterV1': {
        const table = this.#attachLookup(step.input, this.#filter(step, output), true);
        return matchingRows(table, compilePredicate(step.predicate, ALREADY_REPORTED, effects));
      }
      case 'projectV1': {
        const project = new Project(this.#projection(step.id, step.columns), output);
        const table = this.#attachLookup(step.input, project, wantsOld);
        return projectedRows(table, compileProjection(step.columns, ALREADY_REPORTED, effects));
      }
      case 'tableTableJoinV1':
      case 'foreignKeyJoinV1':
        return this.#tableJoin(step, output, wantsOld);
      default: {
        const keeper = new TableKeeper(state, storeKeyOf(step.schema.key), output);
        this.attach(step, keeper, wantsOld);
        return keeper;
      }
    }
  }

  #projection(stepId: string, columns: readonly Expression[]): (row: Row) => Row {
    return compileProjection(columns, this.#onError(stepId), this.#options.effects);
  }

  #onError(stepId: string): OnError {
    return (error) => this.#options.context.report(stepId, error);
  }
}

/** The step before those of the given kinds. */
function inputOf(step: Step, kinds: readonly Step['step'][]): Step {
  let at = step;
  while (kinds.includes(at.step) && 'input' in at) at = at.input;
  return at;
}

/** The aggregation whose groups a table's rows are, when only projections are in between. */
function projectionsOfAggregate(
  step: Step,
): { readonly aggregate: AggregateStep; readonly projections: readonly ProjectStep[] } | undefined {
  const projections: ProjectStep[] = [];
  let at = step;
  for (; at.step === 'projectV1'; at = at.input) projections.unshift(at);
  return at.step === 'aggregateV1' ? { aggregate: at, projections } : undefined;
}
