import { Buffer } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

/*
 * RFC 7540 section 3.2: a client that does not know whether a server speaks HTTP/2 offers it with its first request,
 *
 *   POST /query-stream HTTP/1.1           <-- HTTP/1.1 101 Switching Protocols
 *   Connection: Upgrade, HTTP2-Settings   --> PRI * HTTP/2.0 ..., SETTINGS
 *   Upgrade: h2c                          <-- the answer, as stream 1
 *   HTTP2-Settings: AAMAAABk...
 *
 * as java.net.http does. Node's HTTP/2 server takes connections from their first byte on; so it is given what the client
 * would have sent if it had known: its preface and settings, then its request as frames of stream 1.
 *
 *   frame: length uint24, type uint8, flags uint8, stream uint32, payload
 */
const PREFACE_BYTES = 24;
const FRAME_HEAD_BYTES = 9;
const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const SETTING_BYTES = 6;
const END_STREAM = 1;
const END_HEADERS = 4;
const REQUEST_STREAM = 1;
/** Of one frame; and, together, what a server takes before it has said how much it takes. */
const MOST_PAYLOAD_BYTES = 16_384;
const MOST_BODY_BYTES = 65_535;
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'upgrade',
  'http2-settings',
  'keep-alive',
  'transfer-encoding',
]);

/** Whether a request offers HTTP/2 in a way that can be taken; any other is answered in HTTP/1.1, as it allows. */
export function offersHttp2({ headers }: IncomingMessage): boolean {
  if (headers.upgrade?.toLowerCase() !== 'h2c' || headers['http2-settings'] === undefined) return false;
  return (
    headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) <= MOST_BODY_BYTES
  );
}

/**
 * Answers the offer. Resolves when the socket, paused, has at its head what an HTTP/2 server is to read; rejects when the
 * client leaves before.
 */
export async function upgradeToHttp2(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const bodyBytes = Number(request.headers['content-length'] ?? 0);
  const received = new ReceivedBytes(socket, head);
  const body = await received.take(bodyBytes);
  const frames = requestFrames(request, body);
  socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: h2c\r\n\r\n');
  const preface = await received.take(PREFACE_BYTES);
  const settingsHead = await received.take(FRAME_HEAD_BYTES);
  const settings = await received.take(settingsBytes(settingsHead));
  received.giveBack(Buffer.concat([preface, settingsHead, settings, frames]));
}

/** The client is not known yet: what its first frame claims to hold must not be gathered unseen. RFC 9113 section 6.5. */
function settingsBytes(head: Buffer): number {
  const bytes = head.readUIntBE(0, 3);
  const isSettings = head.readUInt8(3) === SETTINGS && head.readUInt32BE(5) === 0;
  if (!isSettings || bytes % SETTING_BYTES !== 0 || bytes > MOST_PAYLOAD_BYTES)
    throw new Error('the first frame is not one of settings');
  return bytes;
}

function requestFrames(request: IncomingMessage, body: Buffer): Buffer {
  const frames = [frame(HEADERS, END_HEADERS | (body.length === 0 ? END_STREAM : 0), headerBlock(request))];
  for (let at = 0; at < body.length; at += MOST_PAYLOAD_BYTES) {
    const isLast = at + MOST_PAYLOAD_BYTES >= body.length;
    frames.push(frame(DATA, isLast ? END_STREAM : 0, body.subarray(at, at + MOST_PAYLOAD_BYTES)));
  }
  return Buffer.concat(frames);
}

function frame(type: number, flags: number, payload: Buffer): Buffer {
  if (payload.length > MOST_PAYLOAD_BYTES) throw new Error('the request has more headers than a frame holds');
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(REQUEST_STREAM, 5);
  return Buffer.concat([head, payload]);
}

function headerBlock({ method = 'GET', url = '/', headers }: IncomingMessage): Buffer {
  const fields: [name: string, value: string][] = [
    [':method', method],
    [':scheme', 'http'],
    [':authority', headers.host ?? ''],
    [':path', url],
  ];
  for (const [name, value] of Object.entries(headers))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && !NOT_FORWARDED.has(name)) fields.push([name, one]);
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), hpackText(name), hpackText(value)]));
}

/** RFC 7541 section 5.2, without Huffman's code: a length with a prefix of 7 bits, then the bytes. */
function hpackText(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  const length: number[] = [];
  if (bytes.length < 127) length.push(bytes.length);
  else {
    length.push(127);
    let rest = bytes.length - 127;
    for (; rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
    length.push(rest);
  }
  return Buffer.concat([Buffer.from(length), bytes]);
}

/** Bytes of a socket in the helpings that are asked for, one after another. */
class ReceivedBytes {
  readonly #socket: Duplex;
  #bytes: Buffer;

  constructor(socket: Duplex, head: Buffer) {
    this.#socket = socket;
    this.#bytes = head;
  }

  async take(count: number): Promise<Buffer> {
    while (this.#bytes.length < count) this.#bytes = Buffer.concat([this.#bytes, await this.#next()]);
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  /** Before everything that was not taken yet. */
  giveBack(bytes: Buffer): void {
    this.#socket.pause();
    this.#socket.unshift(Buffer.concat([bytes, this.#bytes]));
  }

  #next(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#socket.pause();
        this.#socket.off('data', take).off('close', end).off('end', end);
      };
      const take = (chunk: Buffer) => {
        leave();
        resolve(chunk);
      };
      const end = () => {
        leave();
        reject(new Error('the client left while it was changing to HTTP/2'));
      };
      this.#socket.on('data', take).on('close', end).on('end', end);
      this.#socket.resume();
    });
  }
}
