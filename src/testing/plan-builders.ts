import type { Column, Schema } from '../data/schema.ts';
import type { SqlType } from '../data/types.ts';
import type { Expression } from '../sql/expression.ts';
import type {
  AggregateCall,
  AggregateStep,
  ForeignKeyJoinStep,
  KeyWindow,
  QueryPlan,
  RekeyStep,
  SinkStep,
  SourceStep,
  Step,
  StreamStreamJoinStep,
  TableTableJoinStep,
  WindowedAggregateStep,
  WindowSpec,
} from '../sql/plan.ts';

// Plans written by hand, so that tests of the engine do not depend on the planner.

export const STRING: SqlType = { kind: 'STRING' };
export const INTEGER: SqlType = { kind: 'INTEGER' };
export const BIGINT: SqlType = { kind: 'BIGINT' };
export const BOOLEAN: SqlType = { kind: 'BOOLEAN' };
export const GAME: SqlType = {
  kind: 'STRUCT',
  fields: ['SCORE', 'LIVES', 'LEVEL'].map((name) => ({ name, type: INTEGER })),
};

/** `columns('USER STRING', ...)` would need the parser; pairs do. */
export function columns(...pairs: readonly (readonly [string, SqlType])[]): Column[] {
  return pairs.map(([name, type]) => ({ name, type }));
}

/** The column at a position of a step's rows. */
export function column(step: Step, index: number): Expression {
  const { name, type } = [...step.schema.key, ...step.schema.value][index] as Column;
  return { kind: 'column', index, name, type };
}

export function literal(value: string | number | null, type: SqlType): Expression {
  return { kind: 'literal', value, type };
}

export function call(name: string, type: SqlType, ...args: Expression[]): Expression {
  return { kind: 'call', function: name, args, type };
}

export function source(
  topic: string,
  relation: 'STREAM' | 'TABLE',
  schema: Schema,
  more: Partial<SourceStep> = {},
): SourceStep {
  return {
    step: 'sourceV1',
    id: topic,
    source: topic,
    topic,
    relation,
    schema,
    keyFormat: { name: schema.key.length > 1 ? 'JSON' : 'KAFKA' },
    valueFormat: { name: 'JSON' },
    used: [...schema.key, ...schema.value].map((_, index) => index),
    pseudo: [],
    ...more,
  };
}

export function rekey(
  input: Step,
  purpose: RekeyStep['purpose'],
  key: readonly Expression[],
  names: readonly string[],
): RekeyStep {
  return {
    step: 'rekeyV1',
    id: `Rekey-${purpose}`,
    relation: input.relation,
    input,
    purpose,
    key,
    schema: {
      key: key.map(({ type }, index) => ({ name: names[index] as string, type })),
      value: [...input.schema.key, ...input.schema.value],
    },
  };
}

export function aggregate(input: Step, ...calls: AggregateCall[]): AggregateStep {
  const value = calls.map(({ output }) => output);
  return {
    step: 'aggregateV1',
    id: 'Aggregate',
    relation: 'TABLE',
    input,
    aggregates: calls,
    schema: { key: input.schema.key, value },
  };
}

export function windowedAggregate(
  input: Step,
  window: WindowSpec,
  call: AggregateCall,
  more: Pick<WindowedAggregateStep, 'graceMs' | 'retentionMs' | 'emit'>,
): WindowedAggregateStep {
  const bounds = columns(['WINDOWSTART', BIGINT], ['WINDOWEND', BIGINT]);
  return {
    step: 'windowedAggregateV1',
    id: 'Aggregate',
    relation: 'TABLE',
    input,
    aggregates: [call],
    window,
    ...more,
    keyFormat: { name: 'KAFKA' },
    schema: { key: [...input.schema.key, ...bounds], value: [call.output] },
  };
}

export function aggregateCall(
  name: string,
  output: string,
  type: SqlType,
  ...args: Expression[]
): AggregateCall {
  return { function: name, args, init: [], output: { name: output, type } };
}

export function filter(input: Step, predicate: Expression): Step {
  return { step: 'filterV1', id: 'Filter', relation: input.relation, schema: input.schema, input, predicate };
}

export function streamTableJoin(left: Step, right: Step, join: 'INNER' | 'LEFT'): Step {
  const schema = joinSchema(left, right);
  return { step: 'streamTableJoinV1', id: 'Join', relation: 'STREAM', schema, left, right, join };
}

export type JoinWindow = Pick<StreamStreamJoinStep, 'join' | 'beforeMs' | 'afterMs' | 'graceMs' | 'waits'>;

export function streamStreamJoin(left: Step, right: Step, window: JoinWindow): StreamStreamJoinStep {
  return {
    step: 'streamStreamJoinV1',
    id: 'Join',
    relation: 'STREAM',
    schema: joinSchema(left, right),
    left,
    right,
    ...window,
    keyFormat: { name: 'KAFKA' },
  };
}

export function tableTableJoin(left: Step, right: Step, join: TableTableJoinStep['join'], id = 'Join'): Step {
  return {
    step: 'tableTableJoinV1',
    id,
    relation: 'TABLE',
    schema: joinSchema(left, right),
    left,
    right,
    join,
  };
}

export function foreignKeyJoin(
  left: Step,
  right: Step,
  join: ForeignKeyJoinStep['join'],
  foreignKey: Expression,
): Step {
  return {
    step: 'foreignKeyJoinV1',
    id: 'Join',
    relation: 'TABLE',
    schema: joinSchema(left, right),
    left,
    right,
    join,
    foreignKey,
    keyFormat: { name: 'KAFKA' },
  };
}

function joinSchema(left: Step, right: Step): Schema {
  return {
    key: left.schema.key,
    value: [left, right].flatMap(({ schema }) => [...schema.key, ...schema.value]),
  };
}

/** The key and these columns. */
export function project(input: Step, ...positions: readonly number[]): Step {
  const { key } = input.schema;
  const columns = [...key.map((_, index) => index), ...positions].map((index) => column(input, index));
  const value = columns.slice(key.length).map(({ type }, index) => ({ name: `C${index}`, type }));
  return {
    step: 'projectV1',
    id: 'Project',
    relation: input.relation,
    schema: { key, value },
    input,
    columns,
  };
}

export function plan(
  queryId: string,
  topic: string,
  input: Step,
  properties: Record<string, string> = {},
  window?: KeyWindow,
): QueryPlan {
  const sink: SinkStep = {
    step: 'sinkV1',
    id: 'Sink',
    sink: topic,
    topic,
    relation: input.relation,
    schema: input.schema,
    input,
    keyFormat: { name: input.schema.key.length > (window ? 3 : 1) ? 'JSON' : 'KAFKA' },
    valueFormat: { name: 'JSON' },
    ...(window && { window }),
  };
  return {
    version: 1,
    queryId,
    statementText: queryId,
    sink,
    properties: { 'auto.offset.reset': 'earliest', 'cache.max.bytes.buffering': '0', ...properties },
  };
}

export const userGame = source('USER_GAME', 'STREAM', {
  key: [],
  value: columns(['USER', STRING], ['GAME', GAME]),
});
export const userLosses = source('USER_LOSSES', 'STREAM', { key: [], value: columns(['USER', STRING]) });
export const lossesTable = source('LOSSES_PER_USER', 'TABLE', {
  key: columns(['USER', STRING]),
  value: columns(['TOTAL_LOSSES', BIGINT]),
});

/** SELECT USER, COUNT(USER) FROM USER_LOSSES GROUP BY USER */
export function lossesPerUser(): Step {
  const grouped = rekey(userLosses, 'GROUP_BY', [column(userLosses, 0)], ['USER']);
  return aggregate(grouped, aggregateCall('COUNT', 'TOTAL_LOSSES', BIGINT, column(grouped, 1)));
}

/** The scoreboard: USER_GAME left join LOSSES_PER_USER, the highest score, level and losses of each user. */
export function statsPerUser(): Step {
  const keyed = rekey(userGame, 'JOIN', [column(userGame, 0)], ['USER']);
  const joined = streamTableJoin(keyed, lossesTable, 'LEFT');
  const game = column(joined, 3);
  const losses = column(joined, 5);
  const isNull = call('IS NULL', BOOLEAN, losses);
  return aggregate(
    joined,
    aggregateCall('MAX', 'HIGHEST_SCORE', INTEGER, call('->', INTEGER, game, literal('SCORE', STRING))),
    aggregateCall('MAX', 'HIGHEST_LEVEL', INTEGER, call('->', INTEGER, game, literal('LEVEL', STRING))),
    aggregateCall('MAX', 'TOTAL_LOSSES', BIGINT, call('CASE', BIGINT, isNull, literal(0, BIGINT), losses)),
  );
}
