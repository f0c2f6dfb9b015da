// kill -9 while statements and topics come and go: each is there as a whole or not at all, and none half.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { eventually, type ServerProcess, startServer, temporaryFolder } from '../support/server.ts';

const KILLS = 8;
const SOURCE =
  "CREATE STREAM IF NOT EXISTS S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=2);";

async function ksql(http: string, text: string): Promise<unknown[]> {
  const streamsProperties = { 'auto.offset.reset': 'earliest' };
  const response = await fetch(`${http}/ksql`, {
    method: 'POST',
    body: JSON.stringify({ ksql: text, streamsProperties }),
  });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as unknown[];
}

async function names(http: string): Promise<{ tables: string[]; queries: string[] }> {
  const [tables, queries] = (await ksql(http, 'SHOW TABLES; SHOW QUERIES;')) as [
    { tables: { name: string }[] },
    { queries: { id: string; sinks: string[]; state: string }[] },
  ];
  for (const { id, state } of queries.queries) assert.equal(state, 'RUNNING', id);
  return {
    tables: tables.tables.map(({ name }) => name).sort(),
    queries: queries.queries.flatMap(({ sinks }) => sinks).sort(),
  };
}

async function topicsOf(kafka: string): Promise<string[]> {
  const admin = new Kafka({ brokers: [kafka], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topics = await admin.listTopics();
  await admin.disconnect();
  return topics;
}

/** Makes and drops tables for ever; `exists` is what the last answer said, unless a question is open. */
class Churn {
  readonly table: string;
  exists = false;
  isOpen = false;

  constructor(table: string) {
    this.table = table;
  }

  async run(http: string): Promise<void> {
    try {
      for (;;) {
        this.isOpen = true;
        const create = `CREATE TABLE ${this.table} AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;`;
        await ksql(http, this.exists ? `DROP TABLE ${this.table} DELETE TOPIC;` : create);
        this.exists = !this.exists;
        this.isOpen = false;
      }
    } catch {
      // The server is gone.
    }
  }
}

it('kill -9 among CREATE and DROP leaves whole statements and no topic of what is gone', {
  timeout: 120_000,
}, async (t) => {
  const data = await temporaryFolder(t);
  let server: ServerProcess = await startServer({ data });
  await ksql(server.http, SOURCE);
  const churns = ['A', 'B', 'C'].map((name) => new Churn(name));
  let openDuringKill = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const { http } = server;
    const running = churns.map((churn) => churn.run(http));
    const inserts = ksql(http, "INSERT INTO S VALUES ('a', 1);".repeat(50)).catch(() => {});
    await delay(150 + 61 * kill);
    await server.kill();
    await Promise.all([...running, inserts]);
    server = await startServer({ data });
    const { tables, queries } = await names(server.http);
    assert.deepEqual(queries, tables, 'each table has its query');
    const topics = await topicsOf(server.kafka);
    for (const churn of churns) {
      const isThere = tables.includes(churn.table);
      if (!churn.isOpen) assert.equal(isThere, churn.exists, churn.table);
      else openDuringKill++;
      const wasBeingMade = churn.isOpen && !churn.exists;
      if (isThere) assert.ok(topics.includes(churn.table), `${churn.table} has its topic`);
      else if (!wasBeingMade)
        assert.ok(!topics.includes(churn.table), `${churn.table} is gone, its topic is not`);
      churn.exists = isThere;
    }
    const changelogs = topics.filter((name) => name.endsWith('-changelog'));
    assert.equal(changelogs.length, tables.length, `${changelogs} of ${tables}`);
  }
  t.after(() => server.stop());
  assert.ok(openDuringKill > 0, 'no kill met a statement');
});

it('kill -9 while state is being restored does no harm', { timeout: 120_000 }, async (t) => {
  const data = await temporaryFolder(t);
  let server = await startServer({ data });
  await ksql(server.http, `${SOURCE} CREATE TABLE T AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;`);
  const producer = new Kafka({ brokers: [server.kafka], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  const KEYS = 20_000;
  const ROUNDS = 5;
  for (let round = 0; round < ROUNDS; round++) {
    const messages = Array.from({ length: KEYS }, (_, n) => ({ key: `k${n}`, value: '{"V":1}' }));
    await producer.send({ topic: 's', messages });
  }
  await producer.disconnect();
  const check = async () => {
    const response = await fetch(`${server.http}/query-stream`, {
      method: 'POST',
      headers: { Accept: 'application/json' },
      body: JSON.stringify({ sql: 'SELECT N FROM T;' }),
    });
    if (response.status !== 200) return undefined;
    const [, ...rows] = (await response.json()) as [unknown, ...number[][]];
    return rows;
  };
  await eventually('the table', check, 60_000);
  for (const waitMs of [20, 60, 120, 250]) {
    await server.kill();
    // Before it is ready: the state is being read back.
    const starting = startServer({
      data,
      onSpawn: (child) => setTimeout(() => child.kill('SIGKILL'), 150 + waitMs),
    });
    const early = await starting.catch(() => undefined);
    await early?.kill();
    server = await startServer({ data });
  }
  t.after(() => server.stop());
  const rows = await eventually('the table', check, 60_000);
  assert.equal(rows.length, KEYS);
  assert.deepEqual([...new Set(rows.map(([n]) => n))], [ROUNDS]);
});
