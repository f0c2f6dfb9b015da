import { recordSources } from '../sql/compile/factory.ts';
import { SYSTEM_EFFECTS } from '../sql/compile.ts';
import type { Step } from '../sql/plan.ts';
import type { QueryContext } from './operators/change.ts';
import { Collector } from './operators/collector.ts';
import { StreamSink } from './operators/stream-sink.ts';
import { TableSink } from './operators/table-sink.ts';
import { RoundOutput } from './round-output.ts';
import { StateSpace } from './store/state-space.ts';
import { storeKeyOf } from './store/store-key.ts';
import { buildTopology, type Topology } from './topology.ts';
import { withoutBounds } from './windowed-key.ts';

/** Of a query that never runs. */
const IDLE: QueryContext = {
  report() {},
  reportSkipped() {},
  late() {},
  headers: () => undefined,
  withHeaders: (_, tell) => tell(),
  rebuilding: false,
  muted: false,
};

/** All the JavaScript that a plan is compiled to, function by function; `k0, k1 ...` are bound values. */
export function compiledSource(root: Step, properties: Readonly<Record<string, string>>): readonly string[] {
  return recordSources(() => idleTopology(root, properties));
}

/** A plan's operators, for those who look at what they consist of. */
export function idleTopology(root: Step, properties: Readonly<Record<string, string>>): Topology {
  const state = new StateSpace();
  const effects = { ...SYSTEM_EFFECTS, properties };
  const options = { context: IDLE, effects, properties, partitionCount: 1, state };
  try {
    return buildTopology(root, outletOf(root, state), options);
  } finally {
    state.close();
  }
}

function outletOf(root: Step, state: StateSpace) {
  if (root.step !== 'sinkV1') return new Collector(IDLE, root.schema.key.length);
  const { key } = root.schema;
  const sink = {
    step: root,
    context: IDLE,
    output: new RoundOutput(),
    partitionCount: 1,
    wantsChanges: () => false,
  };
  if (root.relation === 'STREAM') return new StreamSink(sink);
  return new TableSink({ ...sink, merges: false, keyOf: storeKeyOf(withoutBounds(key, root.window)), state });
}
