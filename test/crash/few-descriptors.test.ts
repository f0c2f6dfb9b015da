// A process that has no file descriptor left: connections took them all. What was asked meanwhile is late, not lost, and
// no partition is closed for it.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { eventually, serverForTest } from '../support/server.ts';

const hasLimits = spawnSync('prlimit', ['--version']).status === 0;
const TOPICS = Array.from({ length: 10 }, (_, n) => `t${n}`);
const MORE_DESCRIPTORS = 30;

it('a flood of connections closes no partition', {
  timeout: 60_000,
  skip: hasLimits ? false : 'prlimit is not installed',
}, async (t) => {
  const server = await serverForTest(t);
  const kafka = new Kafka({ brokers: [server.kafka], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: TOPICS.map((topic) => ({ topic, numPartitions: 2 })) });
  await admin.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  const send = (topic: string) =>
    producer.send({ topic, messages: [0, 1].map((partition) => ({ partition, value: 'a' })) });

  const open = () => readdirSync(`/proc/${server.pid}/fd`).length;
  const limit = open() + MORE_DESCRIPTORS;
  execFileSync('prlimit', ['--pid', String(server.pid), `--nofile=${limit}:${limit}`]);
  const [host, port] = server.kafka.split(':') as [string, string];
  const flood = Array.from({ length: 3 * MORE_DESCRIPTORS }, () => {
    return connect(Number(port), host).on('error', () => {});
  });
  await eventually('no descriptor to be free', () => open() >= limit - 1 || undefined);
  const sent = Promise.all(TOPICS.map(send));
  await delay(1_000);
  for (const socket of flood) socket.destroy();
  await sent;
  await Promise.all(TOPICS.map(send));
  await producer.disconnect();
  assert.doesNotMatch(server.log(), /takes no more records/);
});
