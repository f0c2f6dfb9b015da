import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { botName, startBots } from './bots.ts';

test('bots never share a name', () => {
  const names = Array.from({ length: 200 }, (_, index) => botName(index));
  assert.equal(new Set(names).size, names.length);
});

test('bots post every move in order, over an outage, and stop when told', async (t) => {
  const accepted: string[] = [];
  let refusals = 2;
  const stop = new AbortController();
  const server = createServer(async (request, response) => {
    const { ksql } = JSON.parse(await text(request)) as { ksql: string };
    if (refusals-- > 0) {
      response.writeHead(503).end('{"message":"starting"}');
      return;
    }
    accepted.push(ksql);
    response.end('[]');
    if (accepted.length === 12) stop.abort();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  await startBots(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, 8, stop.signal);

  const scoresOf = new Map<string, number[]>();
  for (const statement of accepted) {
    const [, player, score] = /VALUES \('(.+)', STRUCT\(SCORE:=(\d+),/.exec(statement) ?? [];
    assert.ok(player !== undefined, statement);
    scoresOf.set(player, [...(scoresOf.get(player) ?? []), Number(score)]);
  }
  for (const scores of scoresOf.values()) {
    assert.equal(scores[0], 0, 'the start is told first, also when it was refused');
    assert.deepEqual(
      scores,
      scores.toSorted((a, b) => a - b),
    );
  }
});
