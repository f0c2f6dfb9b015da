import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import { PrintedValues } from './printed-values.ts';
import { RecordPrinter } from './record-printer.ts';

/** The registry knows one schema. */
const schemaById = async (id: number) =>
  id === 9 ? { type: 'AVRO' as const, schema: '"string"', id, imports: [] } : undefined;

/** The lines of records with these values and the key `k`, without what is always the same. */
async function printed(...values: (Buffer | null)[]): Promise<string[]> {
  const printer = new RecordPrinter(new PrintedValues(schemaById));
  const builder = new BatchBuilder();
  for (const value of values) builder.append(0, Buffer.from('k'), value);
  const cursor = new RecordCursor();
  cursor.reset(builder.build(), 0);
  const lines: string[] = [];
  while (cursor.next()) lines.push(...(await printer.lines(cursor, 0)));
  const head = 'rowtime: 1970/01/01 00:00:00.000 Z, key: k, value: ';
  assert.equal(lines[0], 'Key format: KAFKA_STRING');
  return lines.slice(1).map((line) => line.replace(head, '').replace(', partition: 0', ''));
}

const int = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const long = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};

describe('PRINT', () => {
  const cases: [what: string, values: (Buffer | null)[], expected: string[]][] = [
    ['an object', [Buffer.from('{"a":1}')], ['Value format: JSON or KAFKA_STRING', '{"a":1}']],
    ['text', [Buffer.from('hello')], ['Value format: KAFKA_STRING', 'hello']],
    ['an INT', [int(7)], ['Value format: KAFKA_INT', '7']],
    ['a BIGINT', [long(7)], ['Value format: KAFKA_BIGINT or KAFKA_DOUBLE', '7']],
    [
      'letters that could be a number',
      [Buffer.from('abcdefgh')],
      ['Value format: KAFKA_BIGINT or KAFKA_DOUBLE or KAFKA_STRING', 'abcdefgh'],
    ],
    [
      'a window',
      [Buffer.concat([Buffer.from('ann'), long(60_000)])],
      ['Value format: TIME_WINDOWED(KAFKA_STRING)', '[ann@60000]'],
    ],
    [
      'a session',
      [Buffer.concat([Buffer.from('ann'), long(90_000), long(60_000)])],
      ['Value format: SESSION(KAFKA_STRING)', '[ann@60000/90000]'],
    ],
    [
      'a schema and JSON',
      [Buffer.from('\0\0\0\0\x05{"a":1}')],
      ['Value format: JSON_SR or AVRO or PROTOBUF', '{"a":1}'],
    ],
    [
      'what names a schema that is known',
      [Buffer.from('00000000090261', 'hex')],
      ['Value format: AVRO', '"a"'],
    ],
    ['bytes of no format', [Buffer.from([0xff])], ['Value format: UNRECOGNIZED_BYTES', '0xff']],
    ['nothing', [null], ['Value format: not seen yet', '<null>']],
    [
      'what becomes clear later',
      [null, Buffer.from('{"a":1}'), Buffer.from('x')],
      [
        'Value format: not seen yet',
        '<null>',
        'Value format: JSON or KAFKA_STRING',
        '{"a":1}',
        'Value format: KAFKA_STRING',
        'x',
      ],
    ],
  ];
  for (const [what, values, expected] of cases)
    it(`shows ${what}`, async () => assert.deepEqual(await printed(...values), expected));
});
