import type { Schemas } from '../serde/schemas.ts';
import type { Effects } from '../sql/functions/scalar.ts';
import type { SourceStep, Step } from '../sql/plan.ts';
import type { SharedRun } from './compile/shared-source.ts';
import type { ConsumeRecord } from './compile/source-code.ts';
import type { QueryContext } from './operators/change.ts';
import type { Outlet } from './operators/outlet.ts';
import type { SourceDecoder } from './operators/source.ts';
import type { TableSource } from './operators/table-source.ts';
import type { Changelog } from './store/changelog.ts';
import type { Group } from './store/group-store.ts';
import type { StateSpace } from './store/state-space.ts';
import { TopologyBuilder } from './topology-builder.ts';

export interface SourceNode {
  readonly step: SourceStep;
  readonly consume: ConsumeRecord;
  /** The same over records that were decoded for several queries; streams only. */
  readonly shared: SharedRun | undefined;
  /** Set for tables. */
  readonly table: TableNode | undefined;
}

export interface TableNode {
  readonly decoder: SourceDecoder;
  readonly source: TableSource;
  /** A restart leaves its rows as records: `TableSource.restoreRecord`. */
  readonly isPacked: boolean;
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
 *                                           +--changes--> filter, project, join of tables --changes--> sink
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
  const builder = new TopologyBuilder(options, outlet);
  builder.attachOutlet(root.step === 'sinkV1' ? root.input : root, outlet);
  const tables = builder.sources.filter(({ table }) => table);
  const streams = builder.sources.filter(({ table }) => !table);
  return { sources: [...tables, ...streams], states: builder.states, outlet };
}
