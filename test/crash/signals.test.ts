// Signals that a machine sends: a pause (SIGSTOP, a suspended laptop) and the request to end under load (SIGTERM).
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { eventually, type ServerProcess, startServer, temporaryFolder } from '../support/server.ts';

const TABLE = `
  CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=3);
  CREATE TABLE T AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;`;

async function ksql(http: string, text: string): Promise<void> {
  const response = await fetch(`${http}/ksql`, { method: 'POST', body: JSON.stringify({ ksql: text }) });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
}

async function pull(http: string, sql: string): Promise<unknown[][]> {
  const headers = { Accept: 'application/json' };
  const response = await fetch(`${http}/query-stream`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ sql }),
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as unknown[][]).slice(1);
}

function client(server: ServerProcess, retries: number): Kafka {
  const connectionTimeout = 20_000;
  return new Kafka({
    brokers: [server.kafka],
    connectionTimeout,
    logLevel: logLevel.NOTHING,
    retry: { retries },
  });
}

async function counted(http: string): Promise<number> {
  return Number((await pull(http, "SELECT N FROM T WHERE K = 'a';"))[0]?.[0] ?? 0);
}

it('a pause longer than a session throws nobody out of a group, and nothing is lost', {
  timeout: 60_000,
}, async (t) => {
  const server = await startServer({ data: await temporaryFolder(t) });
  t.after(() => server.stop());
  await ksql(server.http, TABLE);
  const producer = client(server, 5).producer();
  await producer.connect();
  const consumer = client(server, 5).consumer({
    groupId: 'g',
    sessionTimeout: 6_000,
    heartbeatInterval: 1_000,
  });
  const seen: string[] = [];
  let joins = 0;
  consumer.on(consumer.events.GROUP_JOIN, () => joins++);
  await consumer.connect();
  await consumer.subscribe({ topic: 's', fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => void seen.push(String(message.value)) });
  const send = (value: string) => producer.send({ topic: 's', messages: [{ key: 'a', value }] });
  await send('{"V":1}');
  await eventually('the first record', () => seen.length || undefined);
  process.kill(server.pid, 'SIGSTOP');
  const waiting = send('{"V":2}');
  await Promise.allSettled([waiting, delay(7_000).then(() => process.kill(server.pid, 'SIGCONT'))]);
  await waiting;
  await eventually('the record sent in the pause', () => (seen.length === 2 ? true : undefined));
  assert.equal(joins, 1, 'nobody had to join again');
  assert.equal(await counted(server.http), 2);

  await delay(4_000);
  assert.equal(joins, 1, 'nor later');
  await consumer.disconnect();
  await producer.disconnect();
});

it('SIGTERM under load ends with 0 within five seconds and loses nothing that was acknowledged', {
  timeout: 60_000,
}, async (t) => {
  const data = await temporaryFolder(t);
  const server = await startServer({ data });
  t.after(() => server.kill());
  await ksql(server.http, TABLE);
  let acknowledged = 0;
  let sent = 0;
  const load = async (producer: Producer) => {
    await producer.connect();
    for (;;) {
      const messages = Array.from({ length: 20 }, () => ({ key: 'a', value: '{"V":1}' }));
      sent += messages.length;
      try {
        await producer.send({ topic: 's', acks: -1, messages });
      } catch {
        await producer.disconnect().catch(() => {});
        return;
      }
      acknowledged += messages.length;
    }
  };
  const insert = async () => {
    for (;;) {
      sent++;
      try {
        await ksql(server.http, "INSERT INTO S VALUES ('a', 1);");
      } catch {
        return;
      }
      acknowledged++;
    }
  };
  // A reader that never reads, as some are.
  const abort = new AbortController();
  const push = { method: 'POST', body: '{"sql":"SELECT * FROM S EMIT CHANGES;"}', signal: abort.signal };
  await fetch(`${server.http}/query-stream`, push);
  const loads = [...[1, 2, 3].map(() => load(client(server, 0).producer())), insert(), insert()];
  await delay(2_000);
  const askedMs = performance.now();
  assert.equal(await server.stop(), 0, server.log());
  const tookMs = performance.now() - askedMs;
  assert.ok(tookMs < 5_000, `${tookMs} ms`);
  abort.abort();
  await Promise.all(loads);

  const next = await startServer({ data });
  t.after(() => next.stop());
  const count = await counted(next.http);
  t.diagnostic(
    `${acknowledged} acknowledged, ${sent} sent, ${count} there; stopped in ${Math.round(tookMs)} ms`,
  );
  assert.ok(count >= acknowledged && count <= sent, `${count} of ${acknowledged} to ${sent}`);
});
