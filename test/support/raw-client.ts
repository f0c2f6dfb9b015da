import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { Deferred } from '../../src/base/async.ts';
import { FrameCutter } from '../../src/broker/frame-cutter.ts';
import type { Draft } from '../../src/protocol/draft.ts';
import { decodeResponse, encodeRequest } from '../../src/protocol/frame.ts';
import type { ApiName, Requests, Responses } from '../../src/protocol/messages.gen.ts';

/** Speaks the protocol and nothing else: no retries, no metadata, no version negotiation, any version. */
export class RawClient {
  readonly #socket: Socket;
  readonly #cutter = new FrameCutter(0x7fff_ffff);
  readonly #frames: Buffer[] = [];
  readonly #waiting: Deferred<Buffer>[] = [];
  #correlationId = 0;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const closed = new Deferred();
    this.closed = closed.promise;
    socket.on('error', () => {});
    socket.on('close', () => {
      closed.resolve();
      for (const waiting of this.#waiting) waiting.reject(new Error('the server closed the connection'));
    });
    socket.on('data', (chunk) => {
      this.#cutter.push(chunk, (frame) => {
        const waiting = this.#waiting.shift();
        if (waiting === undefined) this.#frames.push(frame);
        else waiting.resolve(frame);
      });
    });
  }

  static async connect(port: number, host = '127.0.0.1'): Promise<RawClient> {
    const connected = new Deferred();
    const socket = connect({ host, port }, connected.resolve);
    socket.once('error', connected.reject);
    await connected.promise;
    return new RawClient(socket);
  }

  /** Over TLS; rejects when the handshake fails, which with TLS 1.3 may only be seen by the first answer. */
  static async connectTls(port: number, options: ConnectionOptions): Promise<RawClient> {
    const connected = new Deferred();
    const socket = connectTls({ host: '127.0.0.1', port, ...options }, connected.resolve);
    socket.once('error', connected.reject);
    await connected.promise;
    return new RawClient(socket);
  }

  /** The common name in the server's certificate. */
  get peerSubject(): string | undefined {
    const { CN } = (this.#socket as TLSSocket).getPeerCertificate().subject ?? {};
    return Array.isArray(CN) ? CN[0] : CN;
  }

  /** PLAIN, as a client does it. Resolves with the answer to its one token. */
  async logIn(user: string, password: string): Promise<Responses['SaslAuthenticate']> {
    await this.request('SaslHandshake', 1, { mechanism: 'PLAIN' });
    return this.request('SaslAuthenticate', 2, { authBytes: Buffer.from(`\0${user}\0${password}`) });
  }

  /** Sends a request; the next call of `receive` for it may come later. Returns its correlation id. */
  send<Name extends ApiName>(name: Name, version: number, request: Draft<Requests[Name]>): number {
    const correlationId = ++this.#correlationId;
    this.sendBytes(Buffer.concat(encodeRequest(name, version, { correlationId, clientId: 'raw' }, request)));
    return correlationId;
  }

  sendBytes(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  nextFrame(): Promise<Buffer> {
    const frame = this.#frames.shift();
    if (frame !== undefined) return Promise.resolve(frame);
    const waiting = new Deferred<Buffer>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  /** The next response on the connection, which must be that of `name` in `version`. */
  async receive<Name extends ApiName>(
    name: Name,
    version: number,
  ): Promise<{ readonly correlationId: number; readonly message: Responses[Name] }> {
    return decodeResponse(name, version, await this.nextFrame());
  }

  async request<Name extends ApiName>(
    name: Name,
    version: number,
    request: Draft<Requests[Name]>,
  ): Promise<Responses[Name]> {
    this.send(name, version, request);
    return (await this.receive(name, version)).message;
  }

  /** Stops reading, so that the server cannot get rid of its answers. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Ends the sending side only. */
  end(): void {
    this.#socket.end();
  }
}
