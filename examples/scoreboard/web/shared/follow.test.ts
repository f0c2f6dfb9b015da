import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { followTable, keepConnected, type LinkState } from './follow.ts';
import { KsqlClient, type Row } from './ksql-client.ts';

/** As much of a page as following needs: whether it is seen. */
class Page extends EventTarget {
  hidden = false;

  see(seen: boolean): void {
    this.hidden = !seen;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

let page: Page;
beforeEach(() => {
  page = new Page();
  Object.assign(globalThis, { document: page });
});

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    assert.ok(tries < 300, 'it never came to that');
    await settle();
  }
}

test('a broken connection is made again by itself', async () => {
  const states: LinkState[] = [];
  let attempts = 0;
  void keepConnected(
    async (_signal, opened) => {
      if (++attempts === 1) throw new Error('refused');
      opened();
      await new Promise(() => {});
    },
    (state) => states.push(state),
  );
  await until(() => attempts === 2);
  assert.deepEqual(states, ['connecting', 'waiting', 'connecting', 'live']);
});

test('a page nobody sees gives its connection back and takes it again when seen', async () => {
  const states: LinkState[] = [];
  let open = 0;
  void keepConnected(
    (signal, opened) =>
      new Promise((_resolve, reject) => {
        open++;
        opened();
        signal.addEventListener('abort', () => {
          open--;
          reject(new Error('given back'));
        });
      }),
    (state) => states.push(state),
  );
  await settle();
  assert.equal(open, 1);
  page.see(false);
  await settle();
  assert.equal(open, 0);
  page.see(true);
  await settle();
  assert.equal(open, 1);
  assert.deepEqual(states, ['connecting', 'live', 'hidden', 'connecting', 'live']);
});

/** A table whose push and pull answers the test times itself. */
class TimedClient extends KsqlClient {
  opened = (): void => {};
  pushRow: (row: Row) => void = () => {};
  pulled: (rows: Row[]) => void = () => {};

  override push(_sql: string, options: { onOpen?: () => void; onRow: (row: Row) => void }): Promise<void> {
    this.opened = options.onOpen ?? (() => {});
    this.pushRow = options.onRow;
    return new Promise(() => {});
  }

  override pull(): Promise<Row[]> {
    return new Promise((resolve) => (this.pulled = resolve));
  }
}

test('a pulled row never overwrites one that was pushed meanwhile', async () => {
  const client = new TimedClient();
  const table = new Map<unknown, unknown>();
  const states: LinkState[] = [];
  void followTable(client, 'SELECT K, V FROM T', {
    onRow: ([key, value]) => table.set(key, value),
    onState: (state) => states.push(state),
  });
  client.opened();
  client.pushRow(['a', 2]);
  client.pulled([
    ['a', 1],
    ['b', 1],
  ]);
  await settle();
  client.pushRow(['b', 2]);
  assert.deepEqual(
    [...table],
    [
      ['a', 2],
      ['b', 2],
    ],
  );
  assert.deepEqual(states, ['connecting', 'live']);
});
