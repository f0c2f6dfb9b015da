import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { FetchedSchemas, NO_SCHEMAS, type SchemaById } from '../serde/schemas.ts';
import { SchemaGate } from './schema-gate.ts';

const AVRO = { name: 'AVRO' } as const;
const TOPIC = { topic: 't', keyFormat: AVRO, valueFormat: AVRO };

function gateOf(byId: SchemaById) {
  const schemas = new FetchedSchemas(byId);
  const gate = SchemaGate.of([TOPIC], schemas);
  assert(gate);
  return { gate, schemas };
}

/** A record that names these schemas. */
function record(keyId: number, valueId: number) {
  const bytes = Buffer.alloc(12);
  bytes.writeInt32BE(keyId, 1);
  bytes.writeInt32BE(valueId, 7);
  return { bytes, keyStart: 0, keyLength: 6, valueStart: 6, valueLength: 6 };
}

describe('the gate before decoders that need schemas', () => {
  it('asks again for an id that was unknown, after 100 records that name it', async () => {
    let isRegistered = false;
    let asked = 0;
    const { gate, schemas } = gateOf(async (id) => {
      if (id === 1) return { id, type: 'AVRO', schema: '"string"', imports: [] };
      asked++;
      return isRegistered ? { id, type: 'AVRO', schema: '"long"', imports: [] } : undefined;
    });
    await gate.fetch(record(1, 2));
    isRegistered = true;
    let read = 1;
    for (; !schemas.has(2) && read < 1_000; read++) await gate.fetch(record(1, 2));
    assert.equal(schemas.get(2).schema, '"long"');
    assert.deepEqual([read, asked], [102, 2]);
  });

  it('waits for nothing once the schemas are here', async () => {
    const { gate } = gateOf(async (id) => ({ id, type: 'AVRO', schema: '"string"', imports: [] }));
    assert(gate.fetch(record(1, 2)));
    await gate.fetch(record(1, 2));
    for (let n = 0; n < 200; n++) assert.equal(gate.fetch(record(1, 2)), undefined);
  });

  it('waits for nothing where there is no registry', () => {
    const gate = SchemaGate.of([TOPIC], NO_SCHEMAS);
    assert.equal(gate?.fetch(record(1, 2)), undefined);
  });
});
