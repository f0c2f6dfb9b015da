import { unreachable } from '../base/assert.ts';
import type { Row } from '../data/schema.ts';
import { SerdeError } from '../serde/format.ts';
import { compilePredicate, compileProjection, type OnError } from '../sql/compile.ts';
import type { Expression } from '../sql/expression.ts';
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
import {
  aggregateNode,
  type GroupOutputOf,
  projectionsOfAggregate,
  recordOfGroup,
  rowOfGroup,
} from './aggregate-topology.ts';
import { aggregateCode } from './compile/aggregate-code.ts';
import { flatMapCode } from './compile/flat-map-code.ts';
import { compileLookingAhead, lookingAhead, textKeyReader } from './compile/look-ahead.ts';
import type { RowCode } from './compile/row-code.ts';
import { compileShared } from './compile/shared-source.ts';
import { sinkCode } from './compile/sink-code.ts';
import type { ConsumeRecord, SkipRecord } from './compile/source-code.ts';
import { filterCode, joinCode, outputCode, projectCode, rekeyCode } from './compile/stream-steps.ts';
import { windowCode } from './compile/window-code.ts';
import type { GroupLayout } from './group-layout.ts';
import { foreignKeyJoin, tableJoin } from './join-topology.ts';
import { LastingError } from './lasting-error.ts';
import { GroupChanges, type GroupOutput } from './operators/aggregate.ts';
import { NOWHERE, type Output } from './operators/change.ts';
import { TableFilter } from './operators/filter.ts';
import type { ForeignKeyJoin } from './operators/foreign-key-join.ts';
import type { Outlet } from './operators/outlet.ts';
import { Project } from './operators/project.ts';
import { Rekey } from './operators/rekey.ts';
import { rowPacking } from './operators/row-packing.ts';
import { SourceDecoder } from './operators/source.ts';
import { StreamSink } from './operators/stream-sink.ts';
import type { TableJoin } from './operators/table-join.ts';
import { TableKeeper } from './operators/table-keeper.ts';
import { SinkGroups, TableSink } from './operators/table-sink.ts';
import { type ExpiringRows, TableSource } from './operators/table-source.ts';
import { WindowExpiry } from './operators/window-expiry.ts';
import { rowWidth } from './row-width.ts';
import { KeyPrefetch } from './store/key-prefetch.ts';
import { storeKeyOf } from './store/store-key.ts';
import { streamJoinNode } from './stream-join-topology.ts';
import { matchingRows, projectedRows, type TableLookup } from './table-lookup.ts';
import type { SourceNode, StateNode, TopologyOptions } from './topology.ts';
import { withoutBounds } from './windowed-key.ts';
import { windowedAggregateNode } from './windowed-topology.ts';

/** Of a row that was told before it was looked up. */
const ALREADY_REPORTED: OnError = () => {};

/**
 * Puts the operators of a plan together, from its end to its sources: `attach` does so for a step whose changes go to an
 * operator, `#stream` for one whose rows go to code, `#attachLookup` for one that is looked up too. What a kind of step
 * consists of, with its store and changelog, is in files of their own: aggregate-topology.ts, join-topology.ts ...
 */
export class TopologyBuilder {
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
      const isSink = output instanceof StreamSink;
      const copiesTexts = this.#options.properties['ksql.passed.texts.copied']?.toLowerCase() !== 'false';
      this.#stream(step, isSink ? sinkCode(output, copiesTexts) : outputCode(output, step.schema.key.length));
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
        this.attach(step.input, this.#project(step, output), wantsOld);
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
        this.#sinkGroups(aggregate, projections, outlet);
        return;
      }
    }
    this.attach(step, outlet, false);
  }

  /** Groups go to the sink as they are, if nothing in the projections stands in the way. */
  #sinkGroups(aggregate: AggregateStep, projections: readonly ProjectStep[], sink: TableSink): void {
    this.#aggregate(aggregate, (layout, store) => {
      const rowToWrite = rowOfGroup(layout, projections, (id) => this.#onError(id));
      const rowToRead = rowOfGroup(layout, projections, () => ALREADY_REPORTED);
      if (rowToWrite && rowToRead) {
        sink.readFrom(store, rowToRead);
        const write = recordOfGroup(layout, projections, (id) => this.#onError(id), sink.writer);
        return new SinkGroups(sink, rowToWrite, write);
      }
      const output = projections.reduceRight<Output>((next, step) => this.#project(step, next), sink);
      return this.#groupChanges(aggregate, layout, output, false);
    });
  }

  #stream(step: Step, next: RowCode): void {
    const { effects, schemas } = this.#options;
    switch (step.step) {
      case 'sourceV1':
        this.sources.push({
          step,
          consume: compileLookingAhead(step, next, effects, this.#skip, schemas),
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
    const expiring = this.#expiring(step);
    const packing = expiring === undefined ? rowPacking(decoder, keyOf) : undefined;
    const source = new TableSource(state, keyOf, onNullKey, output, expiring, packing);
    const consume: ConsumeRecord = (cursor, partition) => {
      try {
        source.push(decoder.decode(cursor, partition));
      } catch (error) {
        if (!(error instanceof SerdeError)) throw error;
        this.#skip(step, partition, cursor.offset, error);
      }
    };
    const { key } = step.schema;
    const isText = step.keyFormat.name === 'KAFKA' && key.length === 1 && key[0]?.type.kind === 'STRING';
    const { numbered } = source;
    const readers = isText && !step.window ? [textKeyReader(new KeyPrefetch(numbered.keys, [numbered]))] : [];
    this.sources.push({
      step,
      consume: lookingAhead(consume, readers),
      shared: undefined,
      table: { decoder, source, isPacked: packing !== undefined },
    });
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

  #project({ id, columns }: ProjectStep, output: Output): Output {
    return new Project(this.#projection(id, columns), output);
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

  #aggregate(step: AggregateStep, outputOf: GroupOutputOf): void {
    const node = aggregateNode(step, outputOf, this.#onError(step.id), this.#options);
    this.states.push(node);
    if (step.input.relation === 'STREAM') this.#stream(step.input, aggregateCode(step, node.operator));
    else this.attach(step.input, node.operator, true);
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
        const table = this.#attachLookup(step.input, this.#project(step, output), wantsOld);
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
