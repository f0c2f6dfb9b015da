import { unreachable } from '../base/assert.ts';
import type { Row } from '../data/schema.ts';
import { compileExpression, compilePredicate, compileProjection } from '../sql/compile.ts';
import type { Expression } from '../sql/expression.ts';
import { bindAggregate } from '../sql/functions/bind-aggregate.ts';
import type { Effects } from '../sql/functions/scalar.ts';
import type {
  AggregateStep,
  FilterStep,
  RekeyStep,
  SinkStep,
  SourceStep,
  Step,
  StreamTableJoinStep,
} from '../sql/plan.ts';
import { Aggregate, type AggregateCallOnRow, type Group } from './operators/aggregate.ts';
import type { Output, QueryContext } from './operators/change.ts';
import { StreamFilter, TableFilter } from './operators/filter.ts';
import { Project } from './operators/project.ts';
import { Rekey } from './operators/rekey.ts';
import type { Outlet } from './operators/sink.ts';
import { SourceDecoder } from './operators/source.ts';
import { StreamTableJoin, type TableLookup } from './operators/stream-table-join.ts';
import { TableKeeper } from './operators/table-keeper.ts';
import { TableSource } from './operators/table-source.ts';
import { GroupChangelog } from './store/group-changelog.ts';
import { MemoryStore } from './store/memory-store.ts';
import { storeKeyOf } from './store/store-key.ts';

export interface SourceNode {
  readonly decoder: SourceDecoder;
  readonly output: Output;
  /** Set for tables. */
  readonly table: TableSource | undefined;
}

export interface AggregateNode {
  readonly storeName: string;
  readonly operator: Aggregate;
  readonly changelog: GroupChangelog;
}

/** A plan's operators, connected. Tables come before streams in `sources`. */
export interface Topology {
  readonly sources: readonly SourceNode[];
  readonly aggregates: readonly AggregateNode[];
  readonly outlet: Outlet;
}

export interface TopologyOptions {
  readonly context: QueryContext;
  readonly effects: Effects;
  readonly properties: Readonly<Record<string, string>>;
}

/** Builds the operators of a plan from its end to its sources, since each is made with the one it pushes to. */
export function buildTopology(root: Step, outlet: Outlet, options: TopologyOptions): Topology {
  const builder = new Builder(options);
  builder.attach(root.step === 'sinkV1' ? root.input : root, outlet, false);
  const tables = builder.sources.filter(({ table }) => table);
  const streams = builder.sources.filter(({ table }) => !table);
  return { sources: [...tables, ...streams], aggregates: builder.aggregates, outlet };
}

const NOWHERE: Output = { push() {} };

class Builder {
  readonly sources: SourceNode[] = [];
  readonly aggregates: AggregateNode[] = [];
  readonly #options: TopologyOptions;

  constructor(options: TopologyOptions) {
    this.#options = options;
  }

  /** `wantsOld`: whether `output` reads the old rows of table changes. */
  attach(step: Exclude<Step, SinkStep> | Step, output: Output, wantsOld: boolean): void {
    switch (step.step) {
      case 'sourceV1':
        this.#source(step, output);
        return;
      case 'filterV1':
        this.attach(step.input, this.#filter(step, output), step.relation === 'TABLE');
        return;
      case 'projectV1':
        this.attach(step.input, new Project(this.#projection(step.id, step.columns), output), wantsOld);
        return;
      case 'rekeyV1':
        this.attach(step.input, this.#rekey(step, output), wantsOld);
        return;
      case 'aggregateV1':
        this.#aggregate(step, output, wantsOld);
        return;
      case 'streamTableJoinV1':
        this.#join(step, output);
        return;
      case 'sinkV1':
        throw new Error(`step ${step.id}: a sink inside a plan`);
      default:
        unreachable(step);
    }
  }

  #source(step: SourceStep, output: Output): TableSource | undefined {
    const decoder = new SourceDecoder(step);
    const onNullKey = () => this.#options.context.report(step.id, new Error('a table record without a key'));
    const table =
      step.relation === 'TABLE' ? new TableSource(storeKeyOf(step.schema.key), onNullKey, output) : undefined;
    this.sources.push({ decoder, output: table ?? output, table });
    return table;
  }

  #filter(step: FilterStep, output: Output): Output {
    const matches = compilePredicate(step.predicate, this.#onError(step.id), this.#options.effects);
    return step.relation === 'TABLE' ? new TableFilter(matches, output) : new StreamFilter(matches, output);
  }

  #rekey(step: RekeyStep, output: Output): Output {
    const { key, value } = step.input.schema;
    const pseudoWidth = step.input.step === 'sourceV1' ? step.input.pseudo.length : 0;
    return new Rekey(
      {
        purpose: step.purpose,
        key: this.#projection(step.id, step.key),
        keyWidth: step.key.length,
        inputWidth: key.length + value.length + pseudoWidth,
        inputKeyWidth: key.length,
        needsValue: step.key.map((expression) => readsColumnsFrom(expression, key.length)),
        onMissingValue: () =>
          this.#options.context.report(
            step.id,
            new Error('the new key needs a value, and the record has none'),
          ),
      },
      output,
    );
  }

  #aggregate(step: AggregateStep, output: Output, wantsOld: boolean): void {
    const { context, effects, properties } = this.#options;
    const onError = this.#onError(step.id);
    const calls = step.aggregates.map(({ function: name, args, init }): AggregateCallOnRow => {
      const types = args.map(({ type }) => type);
      return {
        aggregator: bindAggregate(name, types, init, properties),
        args: args.map((arg) => compileExpression(arg, onError, effects)),
      };
    });
    const store = new MemoryStore<Group>();
    const { key } = step.schema;
    const keyOf = storeKeyOf(key);
    const operator = new Aggregate({
      store,
      keyOf,
      keyWidth: key.length,
      calls,
      emitsOld: wantsOld,
      context,
      output,
    });
    const aggregators = calls.map(({ aggregator }) => aggregator);
    const changelog = new GroupChangelog(store, key, keyOf, aggregators);
    this.aggregates.push({ storeName: step.id, operator, changelog });
    this.attach(step.input, operator, step.input.relation === 'TABLE');
  }

  #join(step: StreamTableJoinStep, output: Output): void {
    const { left, right } = step;
    const keyOf = storeKeyOf(left.schema.key);
    const join = new StreamTableJoin({
      table: this.#lookup(right),
      keyOf,
      keyWidth: left.schema.key.length,
      leftWidth: left.schema.key.length + left.schema.value.length,
      rightWidth: right.schema.key.length + right.schema.value.length,
      join: step.join,
      output,
    });
    this.attach(left, join, false);
  }

  /** A source keeps its rows anyway; what other steps make of a table is kept for the join. */
  #lookup(right: Step): TableLookup {
    if (right.step === 'sourceV1') {
      const table = this.#source(right, NOWHERE);
      if (!table) throw new Error(`step ${right.id}: the right side of a stream-table join is no table`);
      return table;
    }
    const keeper = new TableKeeper(storeKeyOf(right.schema.key));
    this.attach(right, keeper, false);
    return keeper;
  }

  #projection(stepId: string, columns: readonly Expression[]): (row: Row) => Row {
    return compileProjection(columns, this.#onError(stepId), this.#options.effects);
  }

  #onError(stepId: string): (error: Error) => void {
    return (error) => this.#options.context.report(stepId, error);
  }
}

function readsColumnsFrom(expression: Expression, index: number): boolean {
  if (expression.kind === 'column') return expression.index >= index;
  return expression.kind === 'call' && expression.args.some((arg) => readsColumnsFrom(arg, index));
}
