import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import {
  decodeRecordKey,
  decodeRecordValue,
  encodeRecordKey,
  encodeRecordValue,
} from './coordinator-record.ts';
import { errorByCode, errorByName, errorCode } from './errors.ts';
import {
  decodeRequest,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from './frame.ts';
import { ProtocolError } from './protocol-error.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const joined = (parts: readonly Buffer[]) => Buffer.concat(parts).toString('hex');

describe('frames', () => {
  it('have the header of their API and version', () => {
    const header = { correlationId: 7, clientId: 'me' };
    // length | key 18 | version | correlation | client id | (tagged) | body
    const old = '0000000c 0012 0002 00000007 0002 6d65';
    assert.equal(joined(encodeRequest('ApiVersions', 2, header, {})), joined([hex(old)]));
    const flexible = '00000010 0012 0003 00000007 0002 6d65 00 01 01 00';
    assert.equal(joined(encodeRequest('ApiVersions', 3, header, {})), joined([hex(flexible)]));
  });

  it('answer ApiVersions without tagged fields in the header, all other flexible APIs with them', () => {
    const apiKeys = [{ apiKey: 18, minVersion: 0, maxVersion: 4 }];
    const versions = '00000013 00000007 0000 02 0012 0000 0004 00 00000000 00';
    assert.equal(joined(encodeResponse('ApiVersions', 3, 7, { apiKeys })), joined([hex(versions)]));
    const heartbeat = '0000000c 00000007 00 00000000 0000 00';
    assert.equal(joined(encodeResponse('Heartbeat', 4, 7, {})), joined([hex(heartbeat)]));
  });

  it('reads the header of an API it does not know', () => {
    const header = decodeRequestHeader(hex('7fff 0009 00000001 ffff'));
    assert.deepEqual(header, {
      apiKey: 0x7fff,
      apiVersion: 9,
      correlationId: 1,
      clientId: null,
      bodyPosition: 10,
    });
    assert.throws(() => decodeRequestHeader(hex('0000 0009 000000')), ProtocolError);
  });

  it('gather record bytes without copying them, and give them out as views', () => {
    const records = Buffer.alloc(5000, 1);
    const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }];
    const parts = encodeRequest('Produce', 9, { correlationId: 1, clientId: null }, { topicData });
    assert.ok(parts.some((part) => part.buffer === records.buffer && part.byteOffset === records.byteOffset));
    const frame = Buffer.concat(parts);
    assert.equal(frame.readInt32BE(0), frame.length - 4);
    const { bodyPosition } = decodeRequestHeader(frame, 4);
    const found = decodeRequest('Produce', 9, frame, bodyPosition).topicData[0]?.partitionData[0]?.records;
    assert.equal(found?.buffer, frame.buffer);
    assert.deepEqual(found, records);
  });

  it('refuse more list elements than memory should hold, though their bytes are there', () => {
    // DeleteTopics v1: an int32 count, then names of two zero bytes; timeout 4.
    const empty = (count: number) => {
      const frame = Buffer.alloc(4 + 2 * count + 4);
      frame.writeInt32BE(count, 0);
      return frame;
    };
    const names = (count: number) => decodeRequest('DeleteTopics', 1, empty(count), 0).topicNames.length;
    assert.equal(names(1_000_000), 1_000_000);
    assert.throws(() => names(1_000_001), ProtocolError);
  });

  it('refuse counts and lengths their bytes cannot hold, at once', () => {
    // Metadata v1 asks for 2^31 - 1 topics; v9 for 2^28 in compact form; then a string longer than the frame.
    const hostile: [version: number, body: string][] = [
      [1, '7fffffff 0001 61'],
      [1, 'fffffffe'],
      [1, '00000001 7fff 61'],
      [1, '00000001 fffe'],
      [9, 'ffffff7f 02 61 00'],
      [9, 'ffffffffffff'],
    ];
    for (const [version, body] of hostile)
      assert.throws(() => decodeRequest('Metadata', version, hex(body), 0), ProtocolError, body);
  });

  it('skips tagged fields it does not know', () => {
    const frame = hex('0000 0000 02 0012 0000 0004 00 00000000 01 63 03 aabbcc');
    const { message } = decodeResponse('ApiVersions', 3, Buffer.concat([hex('00000007'), frame.subarray(2)]));
    assert.deepEqual(message.apiKeys, [{ apiKey: 18, minVersion: 0, maxVersion: 4 }]);
  });

  it('refuses versions Kafka 4.1 does not have', () => {
    assert.throws(() => encodeRequest('Produce', 14, { correlationId: 1, clientId: null }, {}), RangeError);
  });
});

describe('int64', () => {
  const listOffsets = (timestamp: string) =>
    decodeRequest('ListOffsets', 1, hex(`ffffffff 00000001 0001 61 00000001 00000000 ${timestamp}`), 0)
      .topics[0]?.partitions[0]?.timestamp;

  it('is exact up to 2^53 - 1 and stays at the limit beyond', () => {
    assert.equal(listOffsets('001fffffffffffff'), Number.MAX_SAFE_INTEGER);
    assert.equal(listOffsets('7fffffffffffffff'), Number.MAX_SAFE_INTEGER);
    assert.equal(listOffsets('8000000000000000'), Number.MIN_SAFE_INTEGER);
    assert.equal(listOffsets('fffffffffffffffe'), -2);
  });

  it('is never written rounded', () => {
    const topics = [{ name: 'a', partitions: [{ partitionIndex: 0, offset: 2 ** 53 }] }];
    assert.throws(() => encodeResponse('ListOffsets', 1, 1, { topics }), RangeError);
  });
});

describe('coordinator records', () => {
  it('carry their type before the key and their version before the value', () => {
    const key = encodeRecordKey('OffsetCommitKey', { group: 'g', topic: 't', partition: 3 });
    assert.equal(key.toString('hex'), joined([hex('0001 0001 67 0001 74 00000003')]));
    assert.deepEqual(decodeRecordKey('OffsetCommitKey', key), { group: 'g', topic: 't', partition: 3 });
    assert.throws(() => decodeRecordKey('GroupMetadataKey', key), ProtocolError);
    const value = encodeRecordValue('OffsetCommitValue', 3, { offset: 5, metadata: 'm', commitTimestamp: 9 });
    assert.equal(value.readInt16BE(0), 3);
    assert.equal(decodeRecordValue('OffsetCommitValue', value).offset, 5);
    assert.throws(() => decodeRecordValue('OffsetCommitValue', hex('0063')), ProtocolError);
  });
});

describe('errors', () => {
  it('have one code and one name each, without gaps', () => {
    for (let code = -1; code <= 133; code++) {
      const error = errorByCode(code);
      assert.equal(error.code, code);
      assert.equal(errorByName(error.name), error);
    }
    assert.equal(errorCode('UNKNOWN_TOPIC_ID'), 100);
    assert.equal(errorByName('NO_SUCH_NAME').name, 'UNKNOWN_SERVER_ERROR');
  });
});
