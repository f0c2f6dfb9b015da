import assert from 'node:assert/strict';
import { it } from 'node:test';
import { SeededRandom } from '../base/seeded-random.ts';
import { newTableRow, type TableRow } from './materialized-table.ts';
import { StateSpace } from './store/state-space.ts';
import { WindowedTable } from './windowed-table.ts';

const NOWHERE = { keyBytes: null, partition: 0 };

function emptyTable(): WindowedTable {
  return new WindowedTable((row) => row[0] as string, 1, new StateSpace());
}

/** As a round that is committed, in which the row was touched. */
function commit(table: WindowedTable, row: TableRow, isThere: boolean): void {
  row.unsettled++;
  const stored = { row: [row.key, row.startMs, row.endMs], timestampMs: row.endMs };
  table.apply([{ row, stored: isThere ? stored : null }]);
}

it('finds windows by their bounds, and shows those of a key in the order of time, however they came', () => {
  const random = new SeededRandom(7);
  const table = emptyTable();
  const known = new Map<string, TableRow>();
  for (let step = 0; step < 3_000; step++) {
    const [startMs, endMs] = [Math.floor(random.next() * 8), 8 + Math.floor(random.next() * 8)];
    const bounds = `${startMs}-${endMs}`;
    const row = known.get(bounds);
    assert.equal(table.find('k', ['k', startMs, endMs]), row);
    if (row !== undefined) {
      commit(table, row, false);
      known.delete(bounds);
    } else {
      const added = newTableRow('k', NOWHERE, startMs, endMs);
      table.add(added);
      commit(table, added, true);
      known.set(bounds, added);
    }
  }
  const expected = [...known.values()].sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
  assert.deepEqual(
    table.windowsOf(['k']).map(({ row }) => row),
    expected.map(({ key, startMs, endMs }) => [key, startMs, endMs]),
  );
  assert.equal(table.size, known.size);
});

it('looks at few of the ends that a session had in a round', () => {
  const table = emptyTable();
  let looks = 0;
  for (let endMs = 1; endMs <= 4_000; endMs++) {
    const row = newTableRow('k', NOWHERE, 0, endMs);
    Object.defineProperty(row, 'startMs', {
      get: () => {
        looks++;
        return 0;
      },
    });
    assert.equal(table.find('k', ['k', 0, endMs]), undefined);
    table.add(row);
  }
  assert(looks < 4_000 * 8, `${looks} looks`);
});
