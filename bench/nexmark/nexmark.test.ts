// The queries of Nexmark in our SQL, against DuckDB's answers over the same events.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openTestMillrace, type TestMillrace } from '../../src/testing/kit/test-millrace.ts';
import { nexmarkEvent } from './events.ts';
import { longKey } from './long-key.ts';
import { NEXMARK_QUERIES } from './queries.ts';
import { DECLARATIONS, dropOf, SIDE_ROWS, topicsOf } from './query.ts';
import { comparable, openReference, type Reference, tableOf } from './reference.ts';

/** So many that a window of ten seconds closes: one comes each millisecond. */
const EVENTS = 12_000;

describe('the events of Nexmark', () => {
  it('are people, auctions and bids as 1 : 3 : 46, each a function of its number', () => {
    const events = Array.from({ length: 5_000 }, (_, n) => nexmarkEvent(n));
    const counts = Object.fromEntries(
      Map.groupBy(events, ({ topic }) => topic)
        .entries()
        .map(([topic, some]) => [topic, some.length]),
    );
    assert.deepEqual(counts, { person: 100, auction: 300, bid: 4_600 });
    assert.deepEqual(nexmarkEvent(777), nexmarkEvent(777));
  });

  it('have hot auctions, sellers and bidders', () => {
    const bids = Array.from({ length: 50_000 }, (_, n) => nexmarkEvent(n)).filter(
      ({ topic }) => topic === 'bid',
    );
    const share = (column: string, every: number, behind: number) =>
      bids.filter(({ value }) => Number(value[column]) % every === behind).length / bids.length;
    assert.ok(Math.abs(share('auction', 100, 0) - 0.5) < 0.02);
    assert.ok(Math.abs(share('bidder', 100, 1) - 0.75) < 0.02);
  });
});

describe('a chain of statements', () => {
  const q7 = NEXMARK_QUERIES.find(({ name }) => name === 'q7');
  it('names the topics that each of them reads', () => {
    assert.deepEqual(
      q7?.statements.map((sql) => topicsOf(q7, sql)),
      [['bid'], [], ['bid', 'Q7_HIGHEST']],
    );
  });

  it('is undone with the topics it made', () => {
    assert.deepEqual(q7?.statements.map(dropOf), [
      'DROP TABLE q7_highest DELETE TOPIC;',
      'DROP STREAM q7_prices;',
      'DROP STREAM q7 DELETE TOPIC;',
    ]);
  });
});

describe('the queries of Nexmark', { timeout: 120_000 }, () => {
  let m: TestMillrace;
  let reference: Reference;

  before(async () => {
    [m, reference] = await Promise.all([openTestMillrace(), openReference(EVENTS)]);
    for (const name of ['person', 'auction', 'bid', 'side_input'])
      await m.createTopic({ name, partitionCount: 1 });
    await m.sql(DECLARATIONS);
    await m.together(async () => {
      const side = Array.from({ length: SIDE_ROWS }, (_, id) => ({
        key: longKey(id),
        value: `{"VALUE":"value ${id}"}`,
      }));
      await m.at(0).produce('side_input', ...side);
      for (let n = 0; n < EVENTS; n++) {
        const { topic, key, value, timestampMs } = nexmarkEvent(n);
        await m
          .at(timestampMs)
          .produce(topic, { key: key === null ? null : longKey(key), value: JSON.stringify(value) });
      }
    });
  });
  after(async () => {
    await m.close();
    reference.close();
  });

  for (const { name, title, statements, reference: sql } of NEXMARK_QUERIES)
    it(`${name}: ${title}`, async () => {
      for (const statement of statements) await m.sql(statement);
      const expected = await reference.answer(sql);
      assert.ok(expected.length > 1);
      assert.deepEqual(comparable(tableOf(await m.rows(`SELECT * FROM ${name};`))), expected);
    });
});
