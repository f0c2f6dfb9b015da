import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchTotalBytes } from '../../record/batch.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import { SYSTEM_EFFECTS } from '../../sql/compile.ts';
import { bindAggregate } from '../../sql/functions/bind-aggregate.ts';
import type { KeyWindow } from '../../sql/plan.ts';
import { columns, INTEGER, STRING } from '../../testing/plan-builders.ts';
import { GroupLayout } from '../group-layout.ts';
import { RoundOutput } from '../round-output.ts';
import { StateSpace } from './state-space.ts';
import { storeKeyOf } from './store-key.ts';
import { WindowChangelog } from './window-changelog.ts';
import { WINDOW_FIELDS } from './window-spilling.ts';
import { WindowStore } from './window-store.ts';

const key = columns(['K', STRING]);
const TUMBLING: KeyWindow = { type: 'TUMBLING', sizeMs: 10 };
const SESSION: KeyWindow = { type: 'SESSION' };

function opened(window: KeyWindow) {
  const value = { kind: 'column', index: 1, name: 'V', type: INTEGER } as const;
  const layout = new GroupLayout({
    calls: [{ aggregator: bindAggregate('SUM', [INTEGER], [], {}), args: [value] }],
    keyWidth: 3,
    inputWidth: 2,
    onError: assert.fail,
    effects: SYSTEM_EFFECTS,
    moreFields: WINDOW_FIELDS,
  });
  const store = new WindowStore(window.type === 'SESSION' ? 'end' : 'start', layout, new StateSpace());
  const changelog = new WindowChangelog(store, key, window, storeKeyOf(key), layout);
  const add = (name: string, startMs: number, endMs: number, sum: number, partition = 0) => {
    const windows = store.find(name) ?? store.open(name, partition);
    const group = store.add(windows, startMs, endMs, layout.create(name, startMs, endMs));
    layout.add(group, [name, sum]);
    group.timestampMs = endMs - 1;
    store.touch(group);
  };
  const contents = () =>
    [...store.entries()].map((group) => [
      ...layout.result(group),
      group.timestampMs,
      group.windows.time.partition,
    ]);
  /** The records of a round, as batches. */
  const written = () => {
    const output = new RoundOutput();
    changelog.write(changelog.takeDirty(), output.topic('changelog'));
    return output.take().map(({ batch }) => batch);
  };
  return { store, changelog, add, contents, written };
}

function visit(batches: readonly Buffer[], each: (cursor: RecordCursor) => void): void {
  const cursor = new RecordCursor();
  for (const batch of batches)
    for (let at = 0; at < batch.length; at += batchTotalBytes(batch, at)) {
      cursor.reset(batch, at);
      while (cursor.next()) each(cursor);
    }
}

function texts(batches: readonly Buffer[], windowBytes: number): unknown[] {
  const found: unknown[] = [];
  visit(batches, (cursor) => {
    const bytes = cursor.key() as Buffer;
    const split = bytes.length - windowBytes;
    found.push([
      bytes.toString('utf8', 0, split),
      bytes.toString('hex', split),
      cursor.value()?.toString() ?? null,
    ]);
  });
  return found;
}

describe('the changelog of windows', () => {
  it('has the key with its window as Kafka Streams writes it, the states and the partition', () => {
    const time = opened(TUMBLING);
    time.add('a', 20, 30, 7, 3);
    assert.deepEqual(texts(time.written(), 8), [['{"K":"a"}', '0000000000000014', '{"S0":7,"P":3}']]);
    const session = opened(SESSION);
    session.add('a', 20, 33, 7);
    assert.deepEqual(texts(session.written(), 16), [
      ['{"K":"a"}', '00000000000000210000000000000014', '{"S0":7,"P":0}'],
    ]);
  });

  it('gives the store back, with the stream time of each partition', () => {
    for (const window of [TUMBLING, SESSION]) {
      const before = opened(window);
      before.add('a', 20, 30, 1, 2);
      before.add('a', 0, 10, 2, 2);
      before.add('b', 40, 50, 3, 1);
      const after = opened(window);
      visit(before.written(), (cursor) => after.changelog.load(cursor));
      assert.deepEqual(after.contents(), before.contents());
      assert.deepEqual(
        [0, 1, 2].map((partition) => after.store.timeOf(partition).streamTimeMs),
        [-1, 49, 29],
      );
      assert.equal(after.changelog.dirtyCount, 0);
    }
  });

  it('tells of a window that is gone, if it ever told of the window', () => {
    const { store, add, written } = opened(TUMBLING);
    add('a', 0, 10, 1);
    assert.equal(texts(written(), 8).length, 1);
    add('b', 0, 10, 1);
    add('b', 10, 20, 1);
    store.expire(store.timeOf(0), 10);
    const records = written();
    assert.deepEqual(texts(records, 8), [
      ['{"K":"b"}', '000000000000000a', '{"S0":1,"P":0}'],
      ['{"K":"a"}', '0000000000000000', null],
    ]);
    const again = opened(TUMBLING);
    again.add('a', 0, 10, 1);
    visit(records, (cursor) => again.changelog.load(cursor));
    assert.deepEqual(again.contents(), [['b', 10, 20, 1, 19, 0]]);
  });
});
