import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startSqlService } from '../../../test/support/sql-service.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { MemoryTopics } from '../../testing/memory-topics.ts';
import { Engine } from '../engine.ts';
import { CONTINUATION_TOKEN, positionsOf, TOKENS_ENABLED, tokenOf } from './continuation-token.ts';
import { KsqlError } from './ksql-error.ts';
import type { RowStream } from './row-stream.ts';
import { createSession } from './session.ts';
import type { SqlService } from './sql-service.ts';

const LAMPS = `CREATE STREAM lamps (id STRING KEY, watts INT) WITH (kafka_topic='lamps', value_format='JSON', partitions=2);
  CREATE TABLE rooms (id STRING PRIMARY KEY, watts INT) WITH (kafka_topic='rooms', value_format='JSON', partitions=1);`;

/** Counts what is read of the log. */
class CountedTopics extends MemoryTopics {
  reads = 0;
  override read: MemoryTopics['read'] = (...args) => {
    this.reads++;
    return MemoryTopics.prototype.read.apply(this, args);
  };
}

/** Tells changes of push queries when the test says so, those of each query in their order. */
class LateEngine extends Engine {
  readonly untold: (() => void)[][] = [];
  override startTransient: Engine['startTransient'] = async (...args) => {
    const running = await Engine.prototype.startTransient.apply(this, args);
    const subscribe = running.subscribe.bind(running);
    const untold: (() => void)[] = [];
    this.untold.push(untold);
    running.subscribe = (listener) => subscribe((...told) => void untold.push(() => listener(...told)));
    return running;
  };
}

async function withService(
  run: (sql: SqlService, topics: CountedTopics, clock: VirtualClock) => Promise<void>,
  maxWaitingBytes = 1 << 20,
  topics = new CountedTopics(),
  engine = new Engine({ topics, clock: systemClock, logger: silentLogger }),
): Promise<void> {
  const clock = new VirtualClock();
  const limits = { maxPushQueries: 2_000, maxWaitingBytes, stallMs: 1_000 };
  const { sql, stop } = await startSqlService({ topics, engine, clock, ...limits });
  await sql.execute(LAMPS, createSession());
  await run(sql, topics, clock);
  await stop();
}

async function ask(
  sql: SqlService,
  text: string,
  properties: Record<string, string> = {},
): Promise<RowStream> {
  const answer = await sql.query(text, createSession(properties));
  assert.equal(answer.kind, 'rows');
  return answer.rows;
}

async function put(sql: SqlService, target: string, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++)
    await sql.execute(`INSERT INTO ${target} VALUES ('l${n}', ${n});`, createSession());
}

async function take(rows: RowStream, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  while (taken.length < count) {
    const batch = await rows.next();
    if (!batch) break;
    taken.push(...batch.map(({ values }) => values[0]));
  }
  return taken;
}

test('a thousand readers of one query cost as many reads as one', async () => {
  const counts: number[] = [];
  for (const readers of [1, 1_000])
    await withService(async (sql, topics) => {
      const asked = Array.from({ length: readers }, () => ask(sql, 'SELECT watts FROM lamps EMIT CHANGES;'));
      const all = await Promise.all(asked);
      topics.reads = 0;
      await put(sql, 'lamps', 0, 20);
      for (const rows of all) assert.equal((await take(rows, 20)).length, 20);
      counts.push(topics.reads);
    });
  // How many records one read finds depends on when it comes.
  assert.ok(counts[1]! <= counts[0]! * 2, `${counts[1]} reads for 1,000 readers, ${counts[0]} for one`);
});

test('a reader sees nothing that was there before it asked, though others do', async () => {
  for (const target of ['lamps', 'rooms'])
    await withService(async (sql) => {
      const text = `SELECT watts FROM ${target} EMIT CHANGES;`;
      const first = await ask(sql, text);
      await put(sql, target, 0, 3);
      const second = await ask(sql, text);
      await put(sql, target, 3, 5);
      assert.deepEqual((await take(first, 5)).toSorted(), [0, 1, 2, 3, 4], target);
      assert.deepEqual((await take(second, 2)).toSorted(), [3, 4], target);
    });
});

test('a reader with a limit leaves the others alone', async () => {
  await withService(async (sql) => {
    const limited = await ask(sql, 'SELECT watts FROM lamps EMIT CHANGES LIMIT 1;');
    const other = await ask(sql, 'SELECT watts FROM lamps EMIT CHANGES;');
    await put(sql, 'lamps', 0, 3);
    assert.equal((await take(limited, 2)).length, 1);
    assert.equal((await take(other, 3)).length, 3);
  });
});

test('a slow reader goes on alone and misses nothing', async () => {
  for (const target of ['lamps', 'rooms'])
    await withService(async (sql) => {
      const text = `SELECT watts FROM ${target} EMIT CHANGES;`;
      const slow = await ask(sql, text);
      const quick = await ask(sql, text);
      for (let n = 0; n < 50; n += 10) {
        await put(sql, target, n, n + 10);
        assert.equal((await take(quick, 10)).length, 10);
      }
      const taken = (await take(slow, 50)) as number[];
      assert.deepEqual(
        taken.toSorted((a, b) => a - b),
        Array.from({ length: 50 }, (_, n) => n),
        target,
      );
    }, 200);
});

test('a slow reader that has caught up is one of the others again, and misses nothing on the way', async () => {
  for (const target of ['lamps', 'rooms'])
    await withService(async (sql) => {
      const text = `SELECT watts FROM ${target} EMIT CHANGES;`;
      const random = new SeededRandom(4);
      const slow = await ask(sql, text);
      const quick = await ask(sql, text);
      const seen: number[] = [];
      let next = 0;
      let rejoined = 0;
      let wasShared = true;
      while (rejoined < 2 && next < 2_000) {
        // Many at once are too much for it, some one by one are not.
        const isRush = random.next() < 0.3;
        for (const count of isRush ? [10, 10, 10] : [1]) {
          await put(sql, target, next, next + count);
          next += count;
          assert.equal((await take(quick, count)).length, count);
        }
        if (!isRush) seen.push(...((await take(slow, next - seen.length)) as number[]));
        for (let n = 0; n < 5; n++) await turn();
        if (slow.isShared && !wasShared) rejoined++;
        wasShared = slow.isShared === true;
      }
      seen.push(...((await take(slow, next - seen.length)) as number[]));
      assert.equal(rejoined, 2, target);
      assert.deepEqual(
        seen.toSorted((a, b) => a - b),
        Array.from({ length: next }, (_, n) => n),
        target,
      );
    }, 1_000);
});

test('readers that all fell behind share again once they have caught up', async () => {
  await withService(async (sql) => {
    const readers = [];
    for (let n = 0; n < 3; n++) readers.push(await ask(sql, 'SELECT watts FROM lamps EMIT CHANGES;'));
    await put(sql, 'lamps', 0, 60);
    for (let n = 0; n < 5; n++) await turn();
    assert.ok(readers.every(({ isShared }) => !isShared));
    for (const reader of readers) assert.equal((await take(reader, 60)).length, 60);
    let next = 60;
    while (!readers.every(({ isShared }) => isShared)) {
      assert.ok(next < 1_000, 'they are alone still');
      await put(sql, 'lamps', next, next + 1);
      for (const reader of readers) assert.deepEqual(await take(reader, 1), [next]);
      next++;
    }
    assert.equal(new Set([...sql.pushQueries()].map(({ running }) => running())).size, 1);
    // Whose query it was may leave.
    readers.shift()!.close();
    await put(sql, 'lamps', next, next + 1);
    for (const reader of readers) assert.deepEqual(await take(reader, 1), [next]);
  }, 300);
});

/** Its changes cannot be made rows. */
class BrokenEngine extends Engine {
  override startTransient: Engine['startTransient'] = async (...args) => {
    const running = await Engine.prototype.startTransient.apply(this, args);
    const subscribe = running.subscribe.bind(running);
    const row = new Proxy([], {
      get: () => {
        throw new RangeError('a row that nobody can read');
      },
    });
    running.subscribe = (listener) =>
      subscribe((changes, positions) =>
        listener(
          changes.map((change) => ({ ...change, row })),
          positions,
        ),
      );
    return running;
  };
}

test('a reader whose rows cannot be made is told why, alone or with others', async () => {
  for (const properties of [{}, { 'auto.offset.reset': 'earliest' }]) {
    const topics = new CountedTopics();
    const engine = new BrokenEngine({ topics, clock: systemClock, logger: silentLogger });
    await withService(
      async (sql) => {
        const text = 'SELECT watts FROM lamps EMIT CHANGES;';
        const readers = [await ask(sql, text, properties), await ask(sql, text, properties)];
        await put(sql, 'lamps', 0, 1);
        for (const reader of readers)
          await assert.rejects(
            reader.next(),
            (error) => error instanceof KsqlError && /nobody can read/.test(error.message),
          );
        assert.equal(sql.pushQueryCount, 0);
      },
      undefined,
      topics,
      engine,
    );
  }
});

test('a reader that has left is forgotten, also the one for whom the query began', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  await withService(async (sql) => {
    const text = 'SELECT watts FROM lamps EMIT CHANGES;';
    const comeAndGo = async (): Promise<[WeakRef<RowStream>, RowStream]> => {
      const first = await ask(sql, text);
      const second = await ask(sql, text);
      await put(sql, 'lamps', 0, 1);
      await take(first, 1);
      first.close();
      return [new WeakRef(first), second];
    };
    const [first, second] = await comeAndGo();
    for (let n = 0; n < 20 && first.deref(); n++) {
      await turn();
      collectGarbage();
    }
    assert.equal(first.deref(), undefined);
    assert.equal((await take(second, 1)).length, 1);
  });
});

test('whoever is told first, a reader that comes back misses nothing and sees nothing twice', async () => {
  let rejoined = 0;
  for (let seed = 1; seed <= 10; seed++)
    for (const target of ['lamps', 'rooms']) {
      const topics = new CountedTopics();
      const engine = new LateEngine({ topics, clock: systemClock, logger: silentLogger });
      await withService(
        async (sql) => {
          const random = new SeededRandom(seed);
          const text = `SELECT watts FROM ${target} EMIT CHANGES;`;
          const slow = await ask(sql, text);
          const quick = await ask(sql, text);
          const seen: number[] = [];
          let isTaking = false;
          const takeSome = async () => {
            if (isTaking) return;
            isTaking = true;
            for (const { values } of (await slow.next()) ?? []) seen.push(values[0] as number);
            isTaking = false;
          };
          const count = 120;
          let wasShared = true;
          for (let next = 0; seen.length < count; next++) {
            if (next < count) await put(sql, target, next, next + 1);
            // Once all is written everybody is told, so that it ends.
            const isEnd = next >= count;
            for (const untold of engine.untold)
              while (untold.length > 0 && (isEnd || random.next() < 0.6)) {
                untold.shift()!();
                await turn();
              }
            if (isEnd || random.next() < 0.5) void takeSome();
            if (random.next() < 0.9) void quick.next();
            await turn();
            if (slow.isShared && !wasShared) rejoined++;
            wasShared = slow.isShared === true;
            assert.ok(next < 2_000, `seed ${seed}: only ${seen.length} of ${count} rows of ${target} came`);
          }
          for (let n = 0; n < 5; n++) await turn();
          assert.deepEqual(
            seen.toSorted((a, b) => a - b),
            Array.from({ length: count }, (_, n) => n),
            `${target}, seed ${seed}`,
          );
        },
        300,
        topics,
        engine,
      );
    }
  assert.ok(rejoined > 3, `rejoined ${rejoined} times only`);
});

test('a reader that stops reading is cut off with a token, by which another goes on', async () => {
  await withService(async (sql, _topics, clock) => {
    const text = 'SELECT watts FROM lamps EMIT CHANGES;';
    const rows = await ask(sql, text);
    await put(sql, 'lamps', 0, 2);
    const seen = (await take(rows, 2)) as number[];
    const behind = await ask(sql, text);
    await put(sql, 'lamps', 2, 40);
    assert.equal((await take(behind, 1)).length > 0, true);
    for (let n = 0; n < 20; n++) await turn();
    await clock.advance(1_000);
    const error = await rows.next().then(
      () => undefined,
      (reason: KsqlError) => reason,
    );
    assert.ok(error instanceof KsqlError);
    const token = error.continuationToken!;
    const again = await ask(sql, text, { [CONTINUATION_TOKEN]: token });
    seen.push(...((await take(again, 38)) as number[]));
    assert.deepEqual(
      seen.toSorted((a, b) => a - b),
      Array.from({ length: 40 }, (_, n) => n),
    );
  }, 100);
});

test('tokens come with the rows for those who ask for them', async () => {
  await withService(async (sql) => {
    const text = 'SELECT watts FROM lamps WHERE watts <> 1 EMIT CHANGES;';
    const rows = await ask(sql, text, { [TOKENS_ENABLED]: 'true' });
    await put(sql, 'lamps', 0, 1);
    assert.deepEqual(await take(rows, 1), [0]);
    const token = rows.continuation;
    rows.close();
    await put(sql, 'lamps', 1, 4);
    const again = await ask(sql, text, { [CONTINUATION_TOKEN]: token! });
    assert.deepEqual((await take(again, 2)).toSorted(), [2, 3]);
    assert.equal((await ask(sql, text)).continuation, undefined);
  });
});

test('what is no token of the query is refused', async () => {
  await withService(async (sql) => {
    const foreign = tokenOf([{ topic: 'rooms', partition: 0, offset: 0 }]);
    for (const [text, token] of [
      ['SELECT watts FROM lamps EMIT CHANGES;', 'nonsense'],
      ['SELECT watts FROM lamps EMIT CHANGES;', foreign],
      [
        'SELECT id, COUNT(*) FROM lamps GROUP BY id EMIT CHANGES;',
        tokenOf([{ topic: 'lamps', partition: 0, offset: 0 }]),
      ],
    ] as const)
      await assert.rejects(ask(sql, text, { [CONTINUATION_TOKEN]: token }), KsqlError, text);
  });
});

test('a token says where it goes on', () => {
  const positions = [
    { topic: 'a', partition: 0, offset: 5 },
    { topic: 'a', partition: 1, offset: 0 },
  ];
  assert.deepEqual(positionsOf(tokenOf(positions), ['a']), positions);
});
