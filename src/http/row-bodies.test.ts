import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SqlType } from '../data/types.ts';
import { KsqlError } from '../engine/service/ksql-error.ts';
import type { RowStream } from '../engine/service/row-stream.ts';
import { ROW_FORMATS } from './row-bodies.ts';

const PROTOBUF = 'application/vnd.ksql.v1+protobuf';

class OneRow implements RowStream {
  readonly queryId = 'q';
  readonly kind: RowStream['kind'];
  readonly columns: RowStream['columns'];
  readonly ending = 'limit';
  isClosed = false;

  constructor(kind: RowStream['kind'], types: Readonly<Record<string, SqlType>>) {
    this.kind = kind;
    this.columns = Object.entries(types).map(([name, type]) => ({ name, type, key: false }));
  }

  async next(): Promise<undefined> {}

  close(): void {
    this.isClosed = true;
  }
}

describe('rows in Protocol Buffers', () => {
  const types: Record<string, SqlType> = { N: { kind: 'INTEGER' }, S: { kind: 'STRING' } };
  const protoSchema = 'syntax = "proto3";\n\nmessage ConnectDefault1 {\n  int32 N = 1;\n  string S = 2;\n}\n';

  it('come under a header with their schema', () => {
    const body = ROW_FORMATS[PROTOBUF](new OneRow('push', types));
    const text = body.head + body.item({ values: [1, 'a'], tombstone: false }, 0) + body.tail();
    assert.deepEqual(JSON.parse(text), [
      { header: { queryId: 'q', protoSchema } },
      { row: { protobufBytes: Buffer.from([8, 1, 0x12, 1, 0x61]).toString('base64') } },
      { finalMessage: 'Limit Reached' },
    ]);
  });

  it('of defaults alone have no bytes, and those of a table that go away say so', () => {
    const body = ROW_FORMATS[PROTOBUF](new OneRow('pull', types));
    assert.equal(body.item({ values: [0, ''], tombstone: false }, 0), ',\n{"row":{"protobufBytes":""}}');
    assert.match(body.item({ values: [1, null], tombstone: true }, 0), /"CAE=","tombstone":true/);
  });

  it('are refused, and no longer fed, when their columns have no such form', () => {
    const rows = new OneRow('push', { 'a b': { kind: 'INTEGER' } });
    assert.throws(
      () => ROW_FORMATS[PROTOBUF](rows),
      (error: unknown) => {
        assert.ok(error instanceof KsqlError && error.httpStatus === 400);
        assert.match(error.message, /'a b'/);
        return true;
      },
    );
    assert.ok(rows.isClosed);
  });
});
