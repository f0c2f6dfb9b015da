import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openLocal } from '../../test/support/local-storage.ts';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { caughtUp, createTopics, engineOn } from '../testing/engine-runs.ts';
import { lossesPerUser, plan, statsPerUser } from '../testing/plan-builders.ts';
import { consume, produce, type TextRecord } from '../testing/topic-content.ts';
import type { Topics } from '../topics/topics.ts';

const USERS = ['bob', 'amy', 'eve'];
const EVENTS = 6;
const TOPICS = { USER_LOSSES: 1, LOSSES_PER_USER: 2, USER_GAME: 1, STATS: 1 };
const CRASHES = 15;

/** Losses, counted; then games, joined with the counts: on the log itself, until a crash or until all is done. */
async function play(fs: MemoryFileSystem): Promise<void> {
  const local = await openLocal({ fs });
  const { topics } = local;
  for (const [name, partitions] of Object.entries(TOPICS))
    if ((await topics.describe([name])).length === 0) await createTopics(topics, { [name]: partitions });
  const engine = engineOn(topics);
  const losses = await engine.start(plan('LOSSES', 'LOSSES_PER_USER', lossesPerUser()));
  const stats = await engine.start(plan('STATS', 'STATS', statsPerUser()));
  for (let n = await events(topics, 'USER_LOSSES'); n < EVENTS; n++) {
    await produce(topics, 'USER_LOSSES', 0, [{ value: { USER: USERS[n % 3] }, timestampMs: n }]);
    await caughtUp(topics, losses);
  }
  for (let n = await events(topics, 'USER_GAME'); n < EVENTS; n++) {
    const GAME = { SCORE: n, LEVEL: 1 };
    // Later than all losses, so that the join's result does not depend on what was read together.
    const event = { value: { USER: USERS[n % 3], GAME }, timestampMs: EVENTS + n };
    await produce(topics, 'USER_GAME', 0, [event]);
    await caughtUp(topics, stats);
  }
  await caughtUp(topics, losses);
  await caughtUp(topics, stats);
  await engine.stop();
  await local.close();
}

async function events(topics: Topics, topic: string): Promise<number> {
  return (await consume(topics, topic)).length;
}

async function outputs(fs: MemoryFileSystem): Promise<TextRecord[][]> {
  const local = await openLocal({ fs });
  const found = [await consume(local.topics, 'LOSSES_PER_USER'), await consume(local.topics, 'STATS')];
  await local.close();
  return found;
}

describe('queries on the log', () => {
  it('write every result once, whatever file-system call a power cut comes at', async () => {
    const undisturbed = new MemoryFileSystem();
    await play(undisturbed);
    const calls = undisturbed.callCount;
    const expected = await outputs(undisturbed);
    assert.equal(expected[1]?.at(-1)?.value, '{"HIGHEST_SCORE":5,"HIGHEST_LEVEL":1,"TOTAL_LOSSES":2}');

    for (let crash = 1; crash <= CRASHES; crash++) {
      const fs = new MemoryFileSystem();
      const at = Math.floor((crash * calls) / (CRASHES + 1));
      fs.crashAtCall(at);
      const crashed = new Promise<void>((resolve) => {
        fs.onCall = () => fs.callCount >= at && setImmediate(resolve);
      });
      await Promise.race([play(fs).catch(() => {}), crashed]);
      const after = fs.crash({ keep: 'random', random: new SeededRandom(crash) });
      await play(after);
      assert.deepEqual(await outputs(after), expected, `crash at call ${at} of ${calls}`);
    }
  });
});
