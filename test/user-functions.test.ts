// Functions in TypeScript, in the threads that queries run in, over a restart, and where they cannot be had.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Millrace } from '../src/millrace.ts';
import { temporaryFolder } from './support/server.ts';

const MODULE = fileURLToPath(new URL('./support/sample-functions.ts', import.meta.url));
const STATEMENTS = `
  CREATE STREAM LINES (K STRING KEY, N INT, TEXT STRING) WITH (KAFKA_TOPIC='lines', VALUE_FORMAT='JSON', PARTITIONS=1);
  CREATE STREAM WORDS AS SELECT K, N, WORDS(TEXT) AS WORD, INITIALS(TEXT) AS SHORT FROM LINES;
  CREATE TABLE SPREADS AS SELECT K, SPREAD(N, 2) AS SPREAD FROM LINES GROUP BY K;`;

async function start(running: Millrace[], data: string, workers: number): Promise<Millrace> {
  const millrace = await Millrace.start({
    data,
    workers,
    functions: [MODULE],
    sql: STATEMENTS,
    sqlProperties: { 'ksql.functions.initials.separator': '.' },
  });
  running.push(millrace);
  return millrace;
}

describe("functions of the user's own", { timeout: 60_000 }, () => {
  for (const [where, workers] of [
    ['threads', 1],
    ["the caller's thread", 0],
  ] as const) {
    it(`run in ${where}`, async (t) => {
      const running: Millrace[] = [];
      // Before the folder goes.
      t.after(() => Promise.all(running.map((millrace) => millrace.stop())));
      const folder = await temporaryFolder(t);
      const first = await start(running, folder, workers);
      await first.sql("INSERT INTO LINES VALUES ('a', 5, 'mill race');");
      await first.sql("INSERT INTO LINES VALUES ('a', 6, 'one');");
      const options = { properties: { 'auto.offset.reset': 'earliest' } };
      const changes = await first.sql('SELECT WORD, SHORT FROM WORDS EMIT CHANGES LIMIT 3;', options);
      assert.deepEqual(await Array.fromAsync(changes as AsyncIterable<unknown>), [
        { WORD: 'mill', SHORT: 'm.r' },
        { WORD: 'race', SHORT: 'm.r' },
        { WORD: 'one', SHORT: 'o' },
      ]);
      assert.deepEqual(await first.sql("SELECT SPREAD FROM SPREADS WHERE K = 'a';"), [{ SPREAD: 2 }]);
      const pulled = await first.sql("SELECT INITIALS(K || ' b') AS SHORT FROM SPREADS;");
      assert.deepEqual(pulled, [{ SHORT: 'a.b' }]);
      await first.stop();

      const second = await start(running, folder, workers);
      await second.sql("INSERT INTO LINES VALUES ('a', 1, 'x');");
      assert.deepEqual(await second.sql("SELECT SPREAD FROM SPREADS WHERE K = 'a';"), [{ SPREAD: 5 }]);
    });
  }

  it('are missed at the start when their module is not there', async () => {
    const start = Millrace.start({ data: 'memory', functions: ['./no-such-module.ts'] });
    await assert.rejects(start, /module \.\/no-such-module\.ts cannot be loaded/);
    const empty = fileURLToPath(new URL('./support/server.ts', import.meta.url));
    await assert.rejects(
      Millrace.start({ data: 'memory', functions: [empty] }),
      /server\.ts exports no function/,
    );
  });
});
