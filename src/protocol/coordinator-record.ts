import { Buffer } from 'node:buffer';
import { decoder, encoder } from './compiled.ts';
import type { Draft } from './draft.ts';
import { MESSAGES, type MessageName, type RecordKeys, type RecordValues } from './messages.gen.ts';
import { ProtocolError } from './protocol-error.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

// Records of __consumer_offsets and __transaction_state, and the consumer protocol's payloads:
//
//     key:    record type 2 | body, always in version 0
//     value:  version 2     | body in that version

export function encodeRecordKey<Name extends keyof RecordKeys>(
  name: Name,
  key: Draft<RecordKeys[Name]>,
): Buffer {
  return encodeBody(name, MESSAGES[name].key, 0, key);
}

export function encodeRecordValue<Name extends keyof RecordValues>(
  name: Name,
  version: number,
  value: Draft<RecordValues[Name]>,
): Buffer {
  return encodeBody(name, version, version, value);
}

function encodeBody(name: MessageName, prefix: number, version: number, message: unknown): Buffer {
  const writer = new Writer();
  writer.int16(prefix);
  encoder(name, version)(writer, message);
  return Buffer.concat(writer.finish());
}

/** The type in front of a key, to compare with `MESSAGES.OffsetCommitKey.key` and the like. */
export function recordType(key: Buffer): number {
  return new Reader(key).int16();
}

export function decodeRecordKey<Name extends keyof RecordKeys>(name: Name, key: Buffer): RecordKeys[Name] {
  if (key.length < 2 || recordType(key) !== MESSAGES[name].key)
    throw new ProtocolError(`a record key of another type than ${name}`);
  return decodeBody(name, 0, key) as RecordKeys[Name];
}

/** A newer version than the table knows throws: its bytes must not be guessed at. */
export function decodeRecordValue<Name extends keyof RecordValues>(
  name: Name,
  value: Buffer,
): RecordValues[Name] {
  const version = new Reader(value).int16();
  const [first, last] = MESSAGES[name].versions;
  if (version < first || version > last) throw new ProtocolError(`a ${name} of unknown version ${version}`);
  return decodeBody(name, version, value) as RecordValues[Name];
}

function decodeBody(name: MessageName, version: number, bytes: Buffer): unknown {
  const reader = new Reader(bytes, 2);
  const message = decoder(name, version)(reader);
  if (reader.failed) throw new ProtocolError(`a ${name} is cut short or malformed`);
  return message;
}
