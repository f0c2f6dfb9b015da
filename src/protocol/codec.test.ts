import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { interpretDecode, interpretEncode } from '../../test/protocol-interpreter.ts';
import { anyStruct } from '../../test/support/protocol-arbitrary.ts';
import { decoder, encoder } from './compiled.ts';
import { MESSAGES, type MessageName } from './messages.gen.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

const VERSIONS = (Object.keys(MESSAGES) as MessageName[]).flatMap((name) => {
  const [first, last] = MESSAGES[name].versions;
  return Array.from({ length: last - first + 1 }, (_, index) => ({ name, version: first + index }));
});

function encode(name: MessageName, version: number, value: unknown): Buffer {
  const writer = new Writer(16);
  encoder(name, version)(writer, value);
  const { byteLength } = writer;
  const bytes = Buffer.concat(writer.finish());
  assert.equal(bytes.length, byteLength);
  return bytes;
}

/** `null` when the reader refused. */
function decode(name: MessageName, version: number, bytes: Buffer): unknown {
  const reader = new Reader(bytes);
  const value = decoder(name, version)(reader);
  return reader.failed || reader.position !== bytes.length ? null : value;
}

function interpret(name: MessageName, version: number, bytes: Buffer): unknown {
  try {
    return interpretDecode(MESSAGES[name], version, bytes);
  } catch {
    return null;
  }
}

function cases(
  count: number,
  check: (name: MessageName, version: number, value: Record<string, unknown>) => void,
) {
  for (const { name, version } of VERSIONS) {
    const values = anyStruct(MESSAGES[name].fields, version);
    fc.assert(
      fc.property(values, (value) => check(name, version, value)),
      { numRuns: count },
    );
  }
}

describe('the compiled codec', () => {
  it('agrees with the interpreter on every message and version', () => {
    cases(8, (name, version, value) => {
      const bytes = encode(name, version, value);
      assert.deepEqual(bytes, interpretEncode(MESSAGES[name], version, value), `${name} v${version}`);
      const decoded = decode(name, version, bytes);
      assert.notEqual(decoded, null, `${name} v${version}`);
      assert.deepEqual(decoded, interpretDecode(MESSAGES[name], version, bytes), `${name} v${version}`);
      assert.deepEqual(encode(name, version, decoded), bytes, `${name} v${version}`);
    });
  });

  it('refuses a message cut at any byte', () => {
    cases(1, (name, version, value) => {
      const bytes = encode(name, version, value);
      for (let end = 0; end < bytes.length; end += bytes.length > 300 ? 7 : 1)
        assert.equal(
          decode(name, version, bytes.subarray(0, end)),
          null,
          `${name} v${version} cut at ${end}`,
        );
    });
  });

  it('reads what the interpreter reads, and refuses what it refuses, when bytes are damaged', () => {
    cases(1, (name, version, value) => {
      const bytes = encode(name, version, value);
      for (let position = 0; position < Math.min(bytes.length, 50); position++) {
        for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
          const damaged = Buffer.from(bytes);
          damaged[position] = byte;
          const compiled = decode(name, version, damaged);
          const expected = interpret(name, version, damaged);
          // The compiled reader may refuse more: a count that its bytes cannot hold.
          if (compiled !== null || expected === null)
            assert.deepEqual(compiled, expected, `${name} v${version} byte ${position}`);
        }
      }
    });
  });
});
