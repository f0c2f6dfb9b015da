// PROTOBUF end to end: declared columns, a query's sink under a message name of its own, and columns that come from the
// schema that the sink left in the registry.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Millrace } from '../src/millrace.ts';
import { eventually } from './support/server.ts';

const COLUMNS = `k VARCHAR KEY, s STRUCT<a INT, b STRING>, d DOUBLE, n DECIMAL(8,2), dt DATE, tm TIME, ts TIMESTAMP, bs BYTES,
  ar ARRAY<STRUCT<x BIGINT>>, m MAP<VARCHAR, DOUBLE>, bo BOOLEAN`;

for (const workers of [0, 1])
  describe(`PROTOBUF with ${workers} threads for queries`, () => {
    it('goes from columns to a schema, through a query, and from the schema to columns', async (t) => {
      const millrace = await Millrace.start({
        data: 'memory',
        workers,
        sqlProperties: { 'auto.offset.reset': 'earliest' },
      });
      t.after(() => millrace.stop());
      await millrace.sql(
        `CREATE STREAM readings (${COLUMNS}) WITH (KAFKA_TOPIC='readings', FORMAT='PROTOBUF', PARTITIONS=1,
           VALUE_PROTOBUF_NULLABLE_REPRESENTATION='OPTIONAL');`,
      );
      await millrace.sql(
        "CREATE STREAM warm WITH (VALUE_SCHEMA_FULL_NAME='lab.Warm') AS SELECT * FROM readings WHERE d > 0 OR d IS NULL;",
      );
      await millrace.sql("INSERT INTO readings (k, d) VALUES ('cold', 0.0);");
      await millrace.sql("INSERT INTO readings (k) VALUES ('nothing');");
      await millrace.sql(
        `INSERT INTO readings (k, s, d, n, dt, tm, ts, bs, ar, m, bo) VALUES ('all', STRUCT(a := -1, b := 'x"y'), 1.5, 1.25,
           '2024-01-02', '10:11:12', '2024-01-01T10:11:12.345', TO_BYTES('abc', 'utf8'), ARRAY[STRUCT(x := 5)], MAP('a' := 2.5), true);`,
      );
      await millrace.sql("CREATE STREAM again WITH (KAFKA_TOPIC='WARM', FORMAT='PROTOBUF');");
      const rows = await eventually('the rows of the query', async () => {
        const found = (await millrace.sql('SELECT * FROM again;')) as readonly Record<string, unknown>[];
        return found.length >= 2 ? found : undefined;
      });
      assert.deepEqual(
        rows.map(({ K, S, D, N, AR, BO }) => ({ K, S, D, N, AR, BO })),
        [
          { K: 'nothing', S: null, D: 0, N: null, AR: [], BO: false },
          { K: 'all', S: { A: -1, B: 'x"y' }, D: 1.5, N: '1.25', AR: [{ X: 5 }], BO: true },
        ],
      );
      const url = `http://${millrace.registryAddress}/subjects/WARM-value/versions/latest/schema`;
      const schema = await (await fetch(url)).text();
      assert.match(schema, /^syntax = "proto3";\s+package lab;/);
      assert.match(schema, /message Warm \{\s+ConnectDefault1 S = 1;/);
    });
  });
