import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BatchBuilder } from '../record/batch-builder.ts';
import { caughtUp, engineOn } from '../testing/engine-runs.ts';
import { MemoryTopics } from '../testing/memory-topics.ts';
import { plan, statsPerUser } from '../testing/plan-builders.ts';
import { consume, tableOf } from '../testing/topic-content.ts';

/** More than a query needs to look some records ahead. */
const KEYS = 40_000;

type Entry = readonly [key: string | null, value: string | null];

const bytesOf = (text: string | null) => (text === null ? null : Buffer.from(text));

async function append(topics: MemoryTopics, topic: string, records: readonly Entry[], startMs: number) {
  const batchRecords = 99;
  for (let from = 0; from < records.length; from += batchRecords) {
    const builder = new BatchBuilder();
    let timestampMs = startMs + from;
    for (const [key, value] of records.slice(from, from + batchRecords))
      builder.append(timestampMs++, bytesOf(key), bytesOf(value));
    await topics.append({ topic, partition: 0, batch: builder.build() });
  }
}

it('a join and the groups behind it have of many keys what they have of few', async () => {
  const topics = new MemoryTopics();
  for (const name of ['USER_GAME', 'LOSSES_PER_USER', 'OUT'])
    await topics.create({ name, partitionCount: 1 });
  const losses = new Map<string, number>();
  const table: Entry[] = [];
  for (let n = 0; n < KEYS; n++) {
    losses.set(`player${n}`, n % 7);
    table.push([`player${n}`, `{"TOTAL_LOSSES":${n % 7}}`]);
  }
  // Deleted, and a key that is not ASCII.
  for (let n = 0; n < KEYS; n += 5) {
    losses.delete(`player${n}`);
    table.push([`player${n}`, null]);
  }
  losses.set('Zoë', 3);
  table.push(['Zoë', '{"TOTAL_LOSSES":3}']);
  const best = new Map<string, number>();
  const events: Entry[] = [];
  for (let n = 0; n < 3 * KEYS; n++) {
    const user = n % 1000 === 0 ? 'Zoë' : `player${(n * 7919) % (KEYS + 500)}`;
    const score = (n * 31) % 1009;
    best.set(user, Math.max(best.get(user) ?? 0, score));
    // Some are no JSON, some have no value, some no user, some write it in another way.
    if (n % 97 === 0) events.push([null, '{"USER":'], [null, null], [null, '{"GAME":null}']);
    const written = n % 13 === 0 ? `\\u00${user.charCodeAt(0).toString(16)}${user.slice(1)}` : user;
    events.push([null, `{"USER":"${written}","GAME":{"SCORE":${score},"LIVES":1,"LEVEL":2}}`]);
  }
  await append(topics, 'LOSSES_PER_USER', table, 0);
  await append(topics, 'USER_GAME', events, 1_000_000);
  const engine = engineOn(topics);
  const query = await engine.start(plan('STATS', 'OUT', statsPerUser()));
  await caughtUp(topics, query);
  await engine.stop();
  const expected = new Map<string | null, string>();
  for (const [user, score] of best)
    expected.set(
      user,
      `{"HIGHEST_SCORE":${score},"HIGHEST_LEVEL":2,"TOTAL_LOSSES":${losses.get(user) ?? 0}}`,
    );
  assert.deepEqual(tableOf(await consume(topics, 'OUT')), expected);
});
