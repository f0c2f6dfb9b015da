import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from './byte-writer.ts';

function written(write: (out: ByteWriter) => void): string {
  const out = new ByteWriter();
  write(out);
  return out.copy().toString('utf8');
}

describe('a byte writer', () => {
  it('writes whole numbers as JavaScript prints them', () => {
    const edges = [0, -0, 9, 10, 99, 100, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, Number.MAX_SAFE_INTEGER];
    for (const value of edges)
      assert.equal(
        written((out) => out.int(value)),
        String(value),
      );
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.integer(), (long, int) => {
        assert.equal(
          written((out) => out.int(long)),
          String(long),
        );
        assert.equal(
          written((out) => out.int(int)),
          String(int),
        );
      }),
    );
  });

  it('writes text as UTF-8 and JSON strings as JSON.stringify', () => {
    const text = fc.string({ unit: 'binary', maxLength: 100 });
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        assert.equal(
          written((out) => {
            for (const each of texts) out.text(each);
          }),
          Buffer.from(texts.join(''), 'utf8').toString('utf8'),
        );
        assert.equal(
          written((out) => {
            for (const each of texts) out.jsonString(each);
          }),
          texts.map((each) => JSON.stringify(each)).join(''),
        );
      }),
    );
  });

  it('grows, and starts over in the memory it has', () => {
    const out = new ByteWriter();
    for (const length of [5000, 1, 0, 70_000]) {
      out.reset();
      out.byte(0x7b);
      out.raw(Buffer.alloc(length, 'x'));
      out.text('é'.repeat(length));
      assert.equal(out.copy().toString('utf8'), `{${'x'.repeat(length)}${'é'.repeat(length)}`);
    }
  });
});
