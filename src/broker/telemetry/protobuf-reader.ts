import type { Buffer } from 'node:buffer';

/** One field of a protobuf message: a number, or the bytes of a text or of another message. */
export interface ProtobufField {
  readonly number: number;
  readonly wireType: number;
  /** Of wire types 0 (varint), 1 (8 bytes) and 5 (4 bytes): its bits. */
  readonly bits: bigint;
  /** Of wire type 2. */
  readonly bytes: Buffer;
}

export class ProtobufError extends Error {}

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** The fields of a message in their order; throws ProtobufError where it is cut short or malformed. */
export function* protobufFields(message: Buffer): Generator<ProtobufField> {
  const none = message.subarray(0, 0);
  let position = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[position++];
      if (byte === undefined) throw new ProtobufError('a number is cut short');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new ProtobufError('a number of more than ten bytes');
  };
  const take = (length: number): Buffer => {
    const end = position + length;
    if (end > message.length) throw new ProtobufError('a field is cut short');
    const bytes = message.subarray(position, end);
    position = end;
    return bytes;
  };
  while (position < message.length) {
    const key = Number(varint());
    const [number, wireType] = [Math.floor(key / 8), key % 8];
    switch (wireType) {
      case VARINT:
        yield { number, wireType, bits: varint(), bytes: none };
        break;
      case FIXED64:
        yield { number, wireType, bits: take(8).readBigUInt64LE(0), bytes: none };
        break;
      case FIXED32:
        yield { number, wireType, bits: BigInt(take(4).readUInt32LE(0)), bytes: none };
        break;
      case BYTES:
        yield { number, wireType, bits: 0n, bytes: take(Number(varint())) };
        break;
      default:
        throw new ProtobufError(`wire type ${wireType}`);
    }
  }
}
