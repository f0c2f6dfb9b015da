import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { FetchContext } from './fetch-session.ts';
import { FetchSessions, type SessionRequest } from './fetch-sessions.ts';
import type { FetchTarget } from './fetch-target.ts';

function target(topic: string): FetchTarget {
  return {
    topic,
    topicId: '',
    byId: false,
    partition: 0,
    fetchOffset: 0,
    maxBytes: 1,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
  };
}

const request = (fields: Partial<SessionRequest>): SessionRequest => ({
  sessionId: 0,
  sessionEpoch: 0,
  byId: false,
  targets: [],
  forgotten: [],
  ...fields,
});

function opened(context: FetchContext | string): FetchContext {
  assert.ok(typeof context === 'object', String(context));
  return context;
}

function setUp(maxSessions: number) {
  const clock = new VirtualClock();
  const sessions = new FetchSessions({ maxSessions, clock, random: new SeededRandom(3) });
  const begin = () => opened(sessions.open(request({ targets: [target('t')] }))).sessionId;
  return { clock, sessions, begin };
}

describe('FetchSessions', () => {
  it('leave new clients without one while every place is in use', () => {
    const { sessions, begin } = setUp(2);
    assert.ok(begin() > 0 && begin() > 0);
    assert.equal(begin(), 0);
    assert.equal(sessions.size, 2);
  });

  it('give the place of one unused for two minutes to a new client', async () => {
    const { clock, sessions, begin } = setUp(2);
    const [old, active] = [begin(), begin()];
    await clock.advance(120_000);
    opened(sessions.open(request({ sessionId: active, sessionEpoch: 1 })));
    assert.ok(begin() > 0);
    assert.equal(sessions.open(request({ sessionId: old, sessionEpoch: 1 })), 'FETCH_SESSION_ID_NOT_FOUND');
    opened(sessions.open(request({ sessionId: active, sessionEpoch: 2 })));
  });

  it('end with the epoch that says so', () => {
    const { sessions, begin } = setUp(2);
    const sessionId = begin();
    const last = opened(sessions.open(request({ sessionId, sessionEpoch: -1, targets: [target('u')] })));
    assert.deepEqual([last.sessionId, last.targets.map(({ topic }) => topic)], [0, ['u']]);
    assert.equal(sessions.size, 0);
  });

  it('move a partition that had data behind those that had none', () => {
    const { sessions } = setUp(2);
    const targets = [target('a'), target('b'), target('c')];
    const first = opened(sessions.open(request({ targets })));
    first.select(
      first.targets.map((each) => ({
        target: each,
        error: 'NONE',
        highWatermark: 1,
        lastStableOffset: 1,
        logStartOffset: 0,
        diverging: null,
        abortedTransactions: null,
        records: { length: each.topic === 'a' ? 10 : 0, pieces: [] },
      })),
    );
    const next = opened(sessions.open(request({ sessionId: first.sessionId, sessionEpoch: 1 })));
    assert.deepEqual(
      next.targets.map(({ topic }) => topic),
      ['b', 'c', 'a'],
    );
  });

  it('tell an error every time, and its end once', () => {
    const { sessions } = setUp(2);
    const { sessionId } = opened(sessions.open(request({ targets: [target('a')] })));
    const told = (sessionEpoch: number, error: 'NONE' | 'UNKNOWN_TOPIC_OR_PARTITION') => {
      const context = opened(sessions.open(request({ sessionId, sessionEpoch })));
      const [found] = context.targets;
      const offsets = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 };
      const rest = { diverging: null, abortedTransactions: null, records: { length: 0, pieces: [] } };
      return context.select([{ target: found!, error, ...offsets, ...rest }]).length;
    };
    const errors = [
      'NONE',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'NONE',
      'NONE',
    ] as const;
    assert.deepEqual(
      errors.map((error, index) => told(index + 1, error)),
      [0, 1, 1, 1, 0],
    );
  });
});
