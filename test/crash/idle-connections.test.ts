import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { afterTest } from '../support/after-test.ts';
import { type ServerProcess, serverForTest, temporaryFolder } from '../support/server.ts';

const CONNECTIONS = 10_000;

/** A server that takes this many Kafka connections. */
async function limitedServer(t: TestContext, maxConnections: number): Promise<ServerProcess> {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'server.properties');
  await writeFile(config, `max.connections=${maxConnections}\n`);
  return serverForTest(t, { args: ['--config', config] });
}

/** Linux: resident kilobytes of a process; elsewhere undefined. */
function residentKb(pid: number): number | undefined {
  try {
    const match = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+) kB/);
    return match ? Number(match[1]) : undefined;
  } catch {
    return undefined;
  }
}

/** Soft limit on open files; the test needs one a connection, and so does the server. */
function openFilesLimit(): number {
  try {
    return Number(
      readFileSync('/proc/self/limits', 'utf8').match(/Max open files\s+(\d+)/)?.[1] ??
        Number.POSITIVE_INFINITY,
    );
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

const skip =
  openFilesLimit() > CONNECTIONS + 200 ? false : `needs ${CONNECTIONS + 200} open files (ulimit -n)`;

it('10,000 idle connections cost a few KB each and others are served', {
  skip,
  timeout: 120_000,
}, async (t) => {
  const server = await limitedServer(t, CONNECTIONS + 100);
  const [host, port] = server.kafka.split(':') as [string, string];
  const before = residentKb(server.pid);
  const sockets: Socket[] = [];
  afterTest(t, () => {
    for (const socket of sockets) socket.destroy();
  });
  for (let n = 0; n < CONNECTIONS; n += 500) {
    const opened = Array.from({ length: 500 }, () => {
      const socket = connect(Number(port), host);
      sockets.push(socket);
      return new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    });
    await Promise.all(opened);
  }
  const admin = new Kafka({ brokers: [server.kafka], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'still-served' }] });
  assert.ok((await admin.listTopics()).includes('still-served'));
  await admin.disconnect();
  const after = residentKb(server.pid);
  if (before !== undefined && after !== undefined) {
    const perConnectionKb = (after - before) / CONNECTIONS;
    t.diagnostic(`${perConnectionKb.toFixed(1)} KB a connection`);
    assert.ok(perConnectionKb < 20, `${perConnectionKb} KB a connection`);
  }
});

it('connections over the limit are closed at once, those within it are served', async (t) => {
  const server = await limitedServer(t, 20);
  const [host, port] = server.kafka.split(':') as [string, string];
  const sockets = Array.from({ length: 40 }, () => connect(Number(port), host));
  afterTest(t, () => {
    for (const socket of sockets) socket.destroy();
  });
  const ended = sockets.map(
    (socket) =>
      new Promise<boolean>((resolve) => {
        socket.once('close', () => resolve(true)).on('error', () => resolve(true));
        socket.resume();
        setTimeout(() => resolve(false), 1500);
      }),
  );
  assert.equal((await Promise.all(ended)).filter(Boolean).length, 20);
  assert.equal((await fetch(`${server.http}/info`)).status, 200);
});
