import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Source } from '../../sql/catalog.ts';
import type { QueryPlan, SinkStep, SourceStep } from '../../sql/plan.ts';
import { type Command, commandCodec, type Effect } from './command.ts';
import { SqlState } from './sql-state.ts';

const format = { topic: 'T', keyFormat: { name: 'KAFKA' }, valueFormat: { name: 'JSON' } };
const schema = { key: [], value: [{ name: 'V', type: { kind: 'BIGINT' as const } }] };

function source(name: string, createdByQuery?: string): Source {
  const made = { ...format, name, relation: 'STREAM' as const, schema, statementText: `CREATE ${name};` };
  return createdByQuery === undefined ? made : { ...made, createdByQuery };
}

function plan(queryId: string, sinkName: string): QueryPlan {
  const input: SourceStep = {
    ...format,
    step: 'sourceV1',
    id: 'Source',
    schema,
    relation: 'STREAM',
    source: 'S',
    used: [0],
    pseudo: [],
  };
  const sink: SinkStep = {
    ...format,
    step: 'sinkV1',
    id: 'Sink',
    schema,
    relation: 'STREAM',
    sink: sinkName,
    input,
  };
  return { version: 1, queryId, statementText: `QUERY ${queryId};`, sink, properties: {} };
}

function snapshot(state: SqlState) {
  const queries = [...state.queries()];
  return {
    sources: [...state.sources()],
    queries,
    paused: queries.filter(({ queryId }) => state.isPaused(queryId)).length,
    types: [...state.types()],
    next: state.nextSequence,
  };
}

/** Handles and replays as the runner does; returns what lies in the log. */
function run(state: SqlState, effects: readonly Effect[]): Command[] {
  return effects.flatMap((effect, token) => {
    const request = { statementText: `statement ${token};`, properties: {}, effect };
    const { entries } = state.handle({ kind: 'append', token, request });
    for (const entry of entries) state.replay(entry);
    return entries;
  });
}

describe('the catalog', () => {
  it('numbers statements from 1 and tells the number', () => {
    const state = new SqlState();
    assert.equal(state.nextSequence, 1);
    const [first, second] = run(state, [
      { kind: 'create', source: source('A') },
      { kind: 'create', source: source('B') },
    ]);
    assert.deepEqual([first?.sequence, second?.sequence, state.nextSequence], [1, 2, 3]);
  });

  it('drops a source with the query that made it, and no other', () => {
    const state = new SqlState();
    run(state, [
      { kind: 'create', source: source('S', 'CSAS_S_1'), plan: plan('CSAS_S_1', 'S') },
      { kind: 'insertQuery', plan: plan('INSERTQUERY_2', 'S') },
      { kind: 'drop', name: 'S' },
    ]);
    assert.equal(state.source('S'), undefined);
    assert.deepEqual(
      [...state.queries()].map(({ queryId }) => queryId),
      ['INSERTQUERY_2'],
    );
  });

  it('remembers a topic to delete until that is done or the topic is used again', () => {
    const state = new SqlState();
    const drop: Effect = { kind: 'drop', name: 'S', deleteTopic: 'T' };
    const create: Effect = { kind: 'create', source: source('S') };
    run(state, [create, drop]);
    assert.deepEqual(state.topicsToDelete(), ['T']);
    const [done] = run(state, [{ kind: 'topicDeleted', topic: 'T' }]);
    assert.deepEqual([state.topicsToDelete(), done?.sequence, state.nextSequence], [[], 2, 3]);
    run(state, [create, drop, create]);
    assert.deepEqual(state.topicsToDelete(), []);
  });

  it('keeps a source whose query was terminated, and forgets that it was paused', () => {
    const state = new SqlState();
    run(state, [
      { kind: 'create', source: source('S', 'Q'), plan: plan('Q', 'S') },
      { kind: 'pause', queryId: 'Q' },
      { kind: 'terminate', queryId: 'Q' },
    ]);
    assert.equal(state.source('S')?.name, 'S');
    assert.equal(state.query('Q'), undefined);
    assert.equal(state.isPaused('Q'), false);
  });

  it('is the same after a restart, from the bytes in the log', () => {
    const name = fc.constantFrom('A', 'B', 'C');
    const queryId = fc.constantFrom('Q1', 'Q2', 'Q3');
    const effect: fc.Arbitrary<Effect> = fc.oneof(
      name.map((n): Effect => ({ kind: 'create', source: source(n) })),
      fc
        .tuple(name, queryId)
        .map(([n, q]): Effect => ({ kind: 'create', source: source(n, q), plan: plan(q, n) })),
      fc.tuple(name, queryId).map(([n, q]): Effect => ({ kind: 'insertQuery', plan: plan(q, n) })),
      fc
        .tuple(name, fc.boolean())
        .map(([n, all]): Effect => ({ kind: 'drop', name: n, ...(all && { deleteTopic: n }) })),
      name.map((n): Effect => ({ kind: 'topicDeleted', topic: n })),
      fc
        .tuple(fc.constantFrom('terminate', 'pause', 'resume'), queryId)
        .map(([kind, q]): Effect => ({ kind, queryId: q })),
      name.map((n): Effect => ({ kind: 'createType', name: n, type: { kind: 'STRING' } })),
      name.map((n): Effect => ({ kind: 'dropType', name: n })),
    );
    fc.assert(
      fc.property(fc.array(effect, { maxLength: 30 }), (effects) => {
        const live = new SqlState();
        const log = run(live, effects).map((command) => commandCodec.encode(command));
        const restarted = new SqlState();
        for (const { key, value } of log) restarted.replay(commandCodec.decode(key, value)!);
        assert.deepEqual(snapshot(restarted), snapshot(live));
      }),
    );
  });

  it('refuses a command of a version it does not know', () => {
    const value = Buffer.from('{"version":2,"sequence":1}');
    assert.throws(() => commandCodec.decode(Buffer.from('1'), value), /version 2/);
  });
});
