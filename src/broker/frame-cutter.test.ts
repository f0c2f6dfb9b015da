import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ConnectionError } from './connection-error.ts';
import { FrameCutter } from './frame-cutter.ts';

function frame(body: string): Buffer {
  const bytes = Buffer.alloc(4 + body.length, body);
  bytes.writeInt32BE(body.length);
  bytes.write(body, 4);
  return bytes;
}

describe('FrameCutter', () => {
  it('finds the same frames however the stream is cut into chunks', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary-ascii', maxLength: 40 })),
        fc.array(fc.integer({ min: 1, max: 30 })),
        (bodies, sizes) => {
          const stream = Buffer.concat(bodies.map(frame));
          const cutter = new FrameCutter(100);
          const found: string[] = [];
          let position = 0;
          for (let i = 0; position < stream.length; i++) {
            const end = position + (sizes[i] ?? stream.length);
            cutter.push(stream.subarray(position, end), (each) => found.push(each.toString()));
            position = end;
          }
          assert.deepEqual(found, bodies);
          assert.equal(cutter.pendingBytes, 0);
        },
      ),
    );
  });

  it('gives frames that outlast their chunk, which is read into again', () => {
    const chunk = Buffer.concat([frame('one'), frame('two'), frame('three').subarray(0, 6)]);
    const cutter = new FrameCutter(100);
    const frames: Buffer[] = [];
    cutter.push(chunk, (each) => frames.push(each));
    chunk.fill(0);
    cutter.push(frame('three').subarray(6), (each) => frames.push(each));
    assert.deepEqual(frames.map(String), ['one', 'two', 'three']);
  });

  it('puts a frame larger than its first memory together', () => {
    const body = Array.from({ length: 300 }, (_, n) => String(n).padStart(1000)).join('');
    const cutter = new FrameCutter(1_000_000);
    const frames: Buffer[] = [];
    const stream = frame(body);
    for (let at = 0; at < stream.length; at += 70_000)
      cutter.push(stream.subarray(at, at + 70_000), (each) => frames.push(each));
    assert.deepEqual(frames.map(String), [body]);
  });

  it('holds no more than was sent of a frame that announces much', () => {
    const cutter = new FrameCutter(1_000_000);
    cutter.push(Buffer.from('000f0000aabb', 'hex'), () => assert.fail());
    assert.equal(cutter.pendingBytes, 6);
  });

  it('names what does not speak Kafka', () => {
    const cases: [start: Buffer, message: RegExp][] = [
      [Buffer.from('160301020001', 'hex'), /TLS handshake/],
      [Buffer.from('GET / HTTP/1.1\r\n'), /HTTP request/],
      [Buffer.from('POST /ksql'), /HTTP request/],
      [Buffer.from('PRI * HTTP/2.0'), /HTTP request/],
      [Buffer.from('ffffffff', 'hex'), /negative length -1/],
      [Buffer.from('7f000000', 'hex'), /2130706432 bytes, more than socket.request.max.bytes=100/],
    ];
    for (const [start, message] of cases) {
      const refused = (chunks: Buffer[]) => () => {
        const cutter = new FrameCutter(100);
        for (const chunk of chunks) cutter.push(chunk, () => assert.fail());
      };
      assert.throws(refused([start]), { name: 'ConnectionError', message });
      assert.throws(refused([start.subarray(0, 2), start.subarray(2)]), ConnectionError);
    }
  });
});
