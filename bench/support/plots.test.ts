import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ratioChart } from './chart.ts';
import { page } from './plots.ts';
import { settingsLine, short, tableOf } from './report.ts';
import { merge, type ResultRow, type Run, resultRow } from './results.ts';

const run: Run = {
  takenAt: '2026-01-02T03:04:05.000Z',
  commit: 'abc',
  machine: { cpu: 'C', cores: 2, memoryGib: 4, system: 'linux' },
  versions: { node: 'v24', java: '17', millrace: '1', kafka: '4.1.0', flink: '1.20.4' },
};

const against = (name: string, ours: number, rival: number): ResultRow =>
  resultRow({
    ...{ bench: 'filter', name, unit: 'events/s', better: 'higher', settings: { events: 2_000_000 } },
    ours: [{ value: ours }],
    rival: { name: 'Rival 1', rounds: [{ value: rival }] },
  });

const grown = (at: number): ResultRow =>
  resultRow({
    ...{ bench: 'queries', name: `${at} queries: memory`, unit: 'MB', better: 'lower', settings: {} },
    ours: [{ value: at * 2 }],
    growth: { of: 'queries', at },
  });

describe('the page of plots', () => {
  const html = page([merge(undefined, [against('a<b', 300, 100), grown(10), grown(100)], run)]);

  it('needs nothing from elsewhere', () => assert.doesNotMatch(html, /<script|https?:\/\/(?!www\.w3\.org)/));
  it('escapes what it prints', () => assert.ok(html.includes('a&lt;b') && !html.includes('a<b')));
  it('draws one curve through the points of what grows', () =>
    assert.equal(html.match(/<polyline/g)?.length, 1));
  it('says where the figures come from', () => assert.match(html, /2026-01-02T03:04Z, 2 x C/));
});

describe('the ratio chart', () => {
  it('draws wins to the right of 1 and losses to the left', () => {
    const svg = ratioChart([
      { label: 'w', ratio: 4, low: 3, high: 5 },
      { label: 'l', ratio: 0.5, low: 0.4, high: 0.6 },
    ]);
    const [, one] = svg.match(/class="one" x1="([\d.]+)"/) ?? [];
    const [, win] = svg.match(/class="win" x="([\d.]+)"/) ?? [];
    const [, loss, width] = svg.match(/class="loss" x="([\d.]+)" y="\d+" width="([\d.]+)"/) ?? [];
    assert.equal(win, one);
    assert.ok(Math.abs(Number(loss) + Number(width) - Number(one)) < 0.2);
  });
});

describe('the table', () => {
  it('aligns its columns and shows the ratio', () => {
    const [head, ...lines] = tableOf([against('a', 300_000, 100_000), against('longer', 5, 10)]).split('\n');
    assert.equal(lines.length, 2);
    assert.match(head ?? '', /millrace +Rival 1 +ratio/);
    assert.match(lines[0] ?? '', /a, events\/s +300 k +100 k +3\.00x$/);
    assert.equal(
      (lines[1] ?? '').indexOf('0.50x') + '0.50x'.length,
      (head ?? '').indexOf('ratio') + 'ratio'.length,
    );
  });

  it('says why ours has no figure', () => {
    const row = resultRow({
      ...{ bench: 'b', name: 'n', unit: 'u', better: 'higher', settings: {} },
      ours: [],
      rival: { name: 'R', rounds: [{ value: 1 }] },
      skipped: 'no windows',
    });
    assert.match(tableOf([row]), /skipped +1\.00\n {2}skipped: no windows$/);
  });

  it('names settings that all rows share', () =>
    assert.equal(settingsLine([against('a', 1, 1), against('b', 1, 1)]), 'events 2,000,000'));

  for (const [value, text] of [
    [0.1234, '0.12'],
    [12.34, '12.3'],
    [1234, '1234'],
    [12_345, '12 k'],
    [1_234_567, '1.23 M'],
    [12_345_678, '12.3 M'],
  ] as const) {
    it(`writes ${value} as ${text}`, () => assert.equal(short(value), text));
  }
});
