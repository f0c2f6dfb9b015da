import { Buffer } from 'node:buffer';
import type { Server as Http1Server, IncomingMessage } from 'node:http';
import type { Http2Server, ServerHttp2Session } from 'node:http2';
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Http2Bindings, HttpBindings } from '@hono/node-server';
import { formatHostPort } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { offersHttp2, upgradeToHttp2 } from './h2c-upgrade.ts';

// An import of node:http reads all it exports, which loads node's fetch: 50 ms that a start can do without.
const { createServer } = process.getBuiltinModule('node:http');

// RFC 9113 section 3.4: every HTTP/2 connection begins with these bytes.
const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const TLS_HANDSHAKE = 0x16;
const FIRST_BYTES_TIMEOUT_MS = 30_000;
/** Node's names for what is no request. */
const CLIENT_ERRORS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
const STOP_GRACE_MS = 1_500;
const STOP_SWEEP_MS = 25;

/** Node's own objects of a request, for what web streams would make too slow. */
export type NodeBindings = HttpBindings | Http2Bindings;

/** Answers a request on node's own objects. */
export type NodeListener = (incoming: NodeBindings['incoming'], outgoing: NodeBindings['outgoing']) => void;

export interface HttpPortOptions {
  readonly host: string;
  readonly port: number;
  readonly listener: NodeListener;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxConnections: number;
  /** Takes over WebSocket handshakes. */
  readonly onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/**
 * One TCP port for HTTP/1.1, HTTP/2 in clear text and WebSocket. The first bytes of a connection decide:
 *
 *                               +-- HTTP/2 preface --> http2 server --+
 *   net server -- first chunk --+                                     +--> the same listener
 *                               +-- anything else ---> http server ---+
 *                               |                           +--> Upgrade: websocket, or h2c: to the http2 server
 *                               +-- TLS hello -------> closed
 */
export class HttpPort {
  readonly host: string;
  readonly port: number;
  readonly #server: Server;
  readonly #http1: Http1Server;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #clock: Clock;

  private constructor(server: Server, http1: Http1Server, clock: Clock) {
    const address = server.address() as AddressInfo;
    this.host = address.address;
    this.port = address.port;
    this.#server = server;
    this.#http1 = http1;
    this.#clock = clock;
  }

  /** host:port, as bound. */
  get address(): string {
    return formatHostPort(this);
  }

  static async listen(options: HttpPortOptions): Promise<HttpPort> {
    const { listener } = options;
    const http1 = createServer(
      {
        // Bodies have their own deadline (body.ts): an insert stream may last for days.
        requestTimeout: 0,
        headersTimeout: 20_000,
        keepAliveTimeout: 75_000,
        // Any other offer to change the protocol is answered in HTTP/1.1, as RFC 9110 allows.
        shouldUpgradeCallback: (request) => isWebSocket(request) || offersHttp2(request),
      },
      listener,
    );
    // Node times out slow headers and finds idle connections only on a server that has been listening.
    http1.emit('listening');
    const server = createNetServer({ noDelay: true });
    server.maxConnections = options.maxConnections;
    await listen(server, options.host, options.port);
    const port = new HttpPort(server, http1, options.clock);
    const http2 = once(() => port.#http2Server(options));
    server.on('connection', (socket) => port.#sniff(socket, http2, options.logger));
    http1.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (isWebSocket(request)) options.onUpgrade?.(request, socket, head);
      else port.#upgrade(request, socket, head, http2, options.logger);
    });
    http1.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      options.logger.debug('not an HTTP request', { reason: error.message });
      const status = CLIENT_ERRORS[error.code ?? ''] ?? '400 Bad Request';
      if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
      socket.destroy();
    });
    return port;
  }

  /** Node's deadlines end with the upgrade, and the client has not said a word of HTTP/2 yet. */
  #upgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    http2: () => Http2Server,
    logger: Logger,
  ): void {
    const silent = this.#clock.after(FIRST_BYTES_TIMEOUT_MS, () => socket.destroy());
    upgradeToHttp2(request, socket, head)
      .then(
        () => http2().emit('connection', socket),
        (error: Error) => {
          logger.debug('not changed to HTTP/2', { reason: error.message });
          socket.destroy();
        },
      )
      .finally(() => silent.cancel());
  }

  /** Made for the first who speaks it: loading node:http2 takes 30 ms. */
  #http2Server({ listener, logger }: HttpPortOptions): Http2Server {
    const { createServer } = process.getBuiltinModule('node:http2');
    const server = createServer({ settings: { maxConcurrentStreams: 1_000 } }, listener);
    server.on('session', (session: ServerHttp2Session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session));
    });
    server.on('sessionError', (error: Error) => {
      logger.debug('HTTP/2 connection ended', { reason: error.message });
    });
    return server;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Refuses new connections, lets running answers end within a grace time, then cuts what is left. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
    const cut = this.#clock.after(STOP_GRACE_MS, () => this.#cutAll());
    const sweep = (): void => {
      this.#http1.closeIdleConnections();
      if (this.#sockets.size > 0) this.#clock.after(STOP_SWEEP_MS, sweep);
    };
    sweep();
    await closed;
    cut.cancel();
    this.#http1.close();
  }

  #cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #sniff(socket: Socket, http2: () => Http2Server, logger: Logger): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', (error) => logger.debug('connection failed', { reason: error.message }));
    const silent = this.#clock.after(FIRST_BYTES_TIMEOUT_MS, () => socket.destroy());
    socket.once('close', () => silent.cancel());
    let first: Buffer = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
      const length = Math.min(first.length, HTTP2_PREFACE.length);
      const isHttp2 = first.subarray(0, length).equals(HTTP2_PREFACE.subarray(0, length));
      // `PRI` and `POST` differ within four bytes; fewer decide nothing yet.
      if (isHttp2 && length < 4) return;
      silent.cancel();
      socket.removeListener('data', onData);
      socket.pause();
      if (first[0] === TLS_HANDSHAKE) {
        logger.info('closed a connection that speaks TLS; this port is clear text', {
          client: socket.remoteAddress,
        });
        socket.destroy();
        return;
      }
      socket.unshift(first);
      (isHttp2 ? http2() : this.#http1).emit('connection', socket);
      if (!isHttp2) socket.resume();
    };
    socket.on('data', onData);
  }
}

function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
