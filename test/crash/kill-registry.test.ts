// kill -9 while schemas are being registered: every id that was answered stands for its schema afterwards.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type ServerProcess, startServer, temporaryFolder } from '../support/server.ts';

const LIVES = 3;
const CLIENTS = 4;

const schemaOf = (n: number) => JSON.stringify({ type: 'fixed', name: 'F', size: n });

async function register(server: ServerProcess, n: number): Promise<number> {
  const response = await fetch(`${server.registry}/subjects/s${n % 7}/versions`, {
    method: 'POST',
    body: JSON.stringify({ schema: schemaOf(n) }),
  });
  const { id, message } = (await response.json()) as { id: number; message?: string };
  assert.equal(response.status, 200, message);
  return id;
}

it('has every schema whose id was answered, under that id and no other', async (t) => {
  const data = await temporaryFolder(t);
  const answered = new Map<number, number>();
  let next = 1;
  for (let life = 0; life < LIVES; life++) {
    const server = await startServer({ data });
    await fetch(`${server.registry}/config`, { method: 'PUT', body: '{"compatibility":"NONE"}' });
    for (const [id, n] of answered) {
      const response = await fetch(`${server.registry}/schemas/ids/${id}`);
      assert.equal(
        ((await response.json()) as { schema: string }).schema,
        schemaOf(n),
        `life ${life}, id ${id}`,
      );
    }
    let killed: Promise<void> | undefined;
    const client = async () => {
      for (;;) {
        const n = next++;
        const id = await register(server, n).catch((error: unknown) => {
          if (killed === undefined) throw error;
        });
        if (id === undefined) return;
        assert.ok(!answered.has(id), `the id ${id} was given twice`);
        answered.set(id, n);
        // In the middle of what the other clients have asked for.
        if (n % 100 === 0) killed ??= server.kill();
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    await killed;
  }
  assert.ok(answered.size > LIVES * 90, `${answered.size} schemas`);
});
