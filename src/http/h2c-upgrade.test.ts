import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { upgradeToHttp2 } from './h2c-upgrade.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

function frame(bytes: number, type: number, stream: number): Buffer {
  const head = Buffer.alloc(9 + Math.min(bytes, 20_000));
  head.writeUIntBE(bytes, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt32BE(stream, 5);
  return head;
}

function upgrade(first: Buffer): Promise<void> {
  const request = { method: 'GET', url: '/info', headers: { host: 'h' } } as IncomingMessage;
  return upgradeToHttp2(request, new PassThrough(), Buffer.concat([PREFACE, first]));
}

describe('a change to HTTP/2', () => {
  it('takes settings, also none', async () => {
    await upgrade(frame(0, 4, 0));
    await upgrade(frame(12, 4, 0));
  });

  const refused: [what: string, first: Buffer][] = [
    ['more than a frame holds', frame(0xff_ff_fa, 4, 0)],
    ['half a setting', frame(7, 4, 0)],
    ['settings of a stream', frame(6, 4, 1)],
    ['another frame', frame(6, 0, 0)],
  ];
  for (const [what, first] of refused)
    it(`refuses ${what}`, () => assert.rejects(upgrade(first), /not one of settings/));
});
