import assert from 'node:assert/strict';
import { it } from 'node:test';
import { confluentPython, runProgram } from '../support/foreign.ts';
import { serverForTest } from '../support/server.ts';

const python = confluentPython();
const skip = python ? false : 'confluent-kafka for Python is missing (scripts/fetch-rivals.sh)';

it('confluent-kafka for Python produces, consumes as a group and administers', { skip }, async (t) => {
  const { kafka } = await serverForTest(t);
  const script = new URL('./python/confluent_round_trip.py', import.meta.url).pathname;
  const { stdout, stderr } = await runProgram(python as string, [script, kafka]);
  assert.notEqual(stdout, '', stderr);
  assert.deepEqual(JSON.parse(stdout), {
    partitions: 3,
    failures: [],
    count: 1000,
    ordered: true,
    committed: 1000,
    watermarks: 1000,
  });
});

it('confluent-kafka for Python shares a topic by the consumer protocol (KIP-848)', { skip }, async (t) => {
  const { kafka } = await serverForTest(t);
  const script = new URL('./python/confluent_consumer_protocol.py', import.meta.url).pathname;
  const { stdout, stderr } = await runProgram(python as string, [script, kafka], { timeoutMs: 100_000 });
  assert.notEqual(stdout, '', stderr);
  assert.deepEqual(JSON.parse(stdout), { alone: true, shared: true, left: true, twice: 0 });
});
