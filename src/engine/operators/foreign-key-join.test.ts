import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Row } from '../../data/schema.ts';
import { columns, STRING } from '../../testing/plan-builders.ts';
import { ForeignKeyIndex } from '../store/foreign-key-index.ts';
import { StateSpace } from '../store/state-space.ts';
import { storeKeyOf } from '../store/store-key.ts';
import { Change, type QueryContext } from './change.ts';
import { ForeignKeyJoin } from './foreign-key-join.ts';
import { tableRowJoiner } from './join-rows.ts';
import { Recorder } from './recorder.ts';
import { TableSource } from './table-source.ts';

const keyOf = storeKeyOf(columns(['K', STRING]));

/** People [name, city] and cities [city, country]. */
function joined(join: 'INNER' | 'LEFT') {
  const seen = new Recorder();
  const state = new StateSpace();
  const operator = new ForeignKeyJoin({
    join,
    index: new ForeignKeyIndex(state),
    leftKeyOf: keyOf,
    rightKeyOf: keyOf,
    foreignKeyOf: (row) => row[1] as string | null,
    leftKeyBytes: (row) => Buffer.from(row[0] as string),
    joinRows: tableRowJoiner(1, 2, 2),
    tellsOld: true,
    context: { rebuilding: false } as QueryContext,
    output: seen,
  });
  const people = new TableSource(state, keyOf, assert.fail, operator.left);
  const cities = new TableSource(state, keyOf, assert.fail, operator.right);
  operator.leftRows = people;
  operator.rightRows = cities;
  const put =
    (table: TableSource) =>
    (key: string, value: string | null | undefined, timestampMs = 1) =>
      table.push(
        new Change([key, value ?? null], value === undefined ? null : [key, value], null, timestampMs, 0, 0),
      );
  return { operator, seen, person: put(people), city: put(cities) };
}

const told = (seen: Recorder) => seen.take().map(({ row, old }) => [row, old]);
const inCity = (name: string, city: string, country: string): Row => [name, name, city, city, country];
const nowhere = (name: string, city: string | null): Row => [name, name, city, null, null];

describe('a join on a foreign key', () => {
  it('tells of a left row when it has a partner, and of its end', () => {
    const { seen, person, city } = joined('INNER');
    person('ann', 'rome');
    assert.deepEqual(told(seen), []);
    city('rome', 'it');
    assert.deepEqual(told(seen), [[inCity('ann', 'rome', 'it'), null]]);
    person('ann', undefined);
    assert.deepEqual(told(seen), [[null, inCity('ann', 'rome', 'it')]]);
    city('rome', 'eu');
    assert.deepEqual(told(seen), []);
  });

  it('goes with the foreign key', () => {
    const { seen, person, city } = joined('INNER');
    city('rome', 'it');
    city('bonn', 'de');
    person('ann', 'rome');
    seen.take();
    person('ann', 'bonn');
    assert.deepEqual(told(seen), [[inCity('ann', 'bonn', 'de'), inCity('ann', 'rome', 'it')]]);
    city('rome', 'eu');
    assert.deepEqual(told(seen), []);
    person('ann', 'oslo');
    assert.deepEqual(told(seen), [[null, inCity('ann', 'bonn', 'de')]]);
    // Whether there was a row before is not known (KIP-213).
    person('ann', 'lima');
    person('ann', null);
    person('ann', null);
    person('ann', undefined);
    assert.deepEqual(told(seen), [
      [null, null],
      [null, null],
    ]);
  });

  it('keeps left rows without a partner in a LEFT join', () => {
    const { seen, person, city } = joined('LEFT');
    person('ann', undefined);
    person('ann', null);
    person('ann', 'rome');
    city('rome', 'it');
    city('rome', undefined);
    person('ann', undefined);
    assert.deepEqual(told(seen), [
      [nowhere('ann', null), null],
      [nowhere('ann', 'rome'), nowhere('ann', null)],
      [inCity('ann', 'rome', 'it'), nowhere('ann', 'rome')],
      [nowhere('ann', 'rome'), inCity('ann', 'rome', 'it')],
      [null, nowhere('ann', 'rome')],
    ]);
  });

  it('tells of all rows of a right one in the order of their keys', () => {
    const { seen, person, city } = joined('INNER');
    for (const name of ['cid', 'ann', 'dan', 'bob', 'äke']) person(name, 'rome');
    person('bob', 'bonn');
    seen.take();
    city('rome', 'it');
    assert.deepEqual(
      seen.take().map(({ row }) => row?.[0]),
      ['ann', 'cid', 'dan', 'äke'],
    );
    city('rome', undefined);
    city('rome', undefined);
    assert.deepEqual(
      seen.take().map(({ row }) => row),
      Array(8).fill(null),
    );
  });

  it('has the later time of both sides for a left change, for a right one its own', () => {
    const { seen, person, city } = joined('INNER');
    city('rome', 'it', 50);
    person('ann', 'rome', 20);
    city('rome', 'eu', 10);
    person('ann', 'rome', 5);
    person('ann', undefined, 6);
    assert.deepEqual(
      seen.take().map(({ timestampMs }) => timestampMs),
      [50, 10, 10, 10],
    );
  });

  it('is looked up as it was told', () => {
    for (const join of ['INNER', 'LEFT'] as const) {
      const { operator, person, city } = joined(join);
      assert.equal(operator.get('ann'), undefined);
      person('ann', 'rome', 7);
      assert.deepEqual(operator.get('ann')?.row, join === 'INNER' ? undefined : nowhere('ann', 'rome'));
      city('rome', 'it', 9);
      assert.deepEqual(operator.get('ann'), { row: inCity('ann', 'rome', 'it'), timestampMs: 9 });
    }
  });
});
