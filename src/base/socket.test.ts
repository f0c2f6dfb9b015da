import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { Deferred } from './async.ts';
import { ReadBuffer } from './socket.ts';

/** One client, and the server's side of it once adopted; `received` is what arrived there, copied. */
async function pair(shared: ReadBuffer, received: Buffer[]): Promise<{ client: Socket; adopted: Socket }> {
  const accepted = new Deferred<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, accepted.resolve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const client = connect({ host: '127.0.0.1', port });
  const adopted = shared.adopt(await accepted.promise, (bytes) => received.push(Buffer.from(bytes)));
  server.close();
  return { client, adopted };
}

const arrival = (socket: Socket, event: string) =>
  new Promise<void>((resolve) => socket.once(event, () => resolve()));

describe('ReadBuffer', () => {
  it('serves several sockets, whose ends and answers are theirs', async () => {
    const shared = new ReadBuffer();
    const [first, second]: [Buffer[], Buffer[]] = [[], []];
    const one = await pair(shared, first);
    const two = await pair(shared, second);
    for (const { adopted } of [one, two]) adopted.resume();
    const sent = Buffer.alloc(700_000, 'abcdefg');
    one.client.end(sent);
    two.client.write('hello');
    await arrival(one.adopted, 'end');
    assert.deepEqual(Buffer.concat(first), sent);
    assert.equal(Buffer.concat(second).toString(), 'hello');
    one.adopted.end('answer after the end');
    two.adopted.destroy();
    const answer: Buffer[] = [];
    one.client.on('data', (chunk) => answer.push(chunk));
    await Promise.all([arrival(one.client, 'close'), arrival(two.client, 'close')]);
    assert.equal(Buffer.concat(answer).toString(), 'answer after the end');
  });

  it('reads nothing from a paused socket', async () => {
    const received: Buffer[] = [];
    const { client, adopted } = await pair(new ReadBuffer(), received);
    client.write('early');
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(received.length, 0);
    adopted.resume();
    while (received.length === 0) await new Promise((resolve) => setImmediate(resolve));
    adopted.pause();
    client.write('late');
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(received.toString(), 'early');
    adopted.destroy();
    client.destroy();
  });
});
