import type { Buffer } from 'node:buffer';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { Deferred } from '../base/async.ts';
import type { Logger } from '../base/logger.ts';
import type { SaslSettings } from './security/sasl-session.ts';
import type { TlsIdentity } from './security/tls-identity.ts';

/** One address to listen at, and how its clients show who they are. */
export interface ListenerSettings {
  /** `PLAINTEXT`, `SASL_SSL`, or a name of the user's. */
  readonly name: string;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** What clients are told to connect to; left out: the address they reached. */
  readonly advertised?: { readonly host: string; readonly port: number } | undefined;
  readonly tls?: TlsIdentity | undefined;
  /** Whom a client certificate (DER) is of (ssl.principal.mapping.rules); undefined: of nobody we know. */
  readonly principalOf?: (certificate: Buffer) => string | undefined;
  readonly sasl?: SaslSettings | undefined;
}

/** Called with a socket that may speak now: for TLS, after its handshake. */
export type OnSocket = (socket: Socket, listener: ServerListener) => void;

/** Time for a TLS handshake; one that stalls holds a connection. */
const HANDSHAKE_MS = 30_000;
/** At a time, of those that are not counted as connections yet. */
const MAX_HANDSHAKES = 1000;
const ATTEMPTS = 20;

/**
 * The sockets of one listener: one, or two when it is `localhost`, which some clients look up as ::1 and others as
 * 127.0.0.1.
 */
export class ServerListener {
  readonly settings: ListenerSettings;
  readonly #logger: Logger;
  readonly #onSocket: OnSocket;
  readonly #backlog: number;
  #servers: Server[] = [];
  /** Sockets in the midst of a TLS handshake, by their other end. */
  readonly #greeting = new Map<string, Socket>();
  #port = 0;

  constructor(
    settings: ListenerSettings,
    deps: {
      readonly logger: Logger;
      readonly onSocket: OnSocket;
      /** Connections the system keeps until they are accepted. */
      readonly backlog: number;
    },
  ) {
    this.settings = settings;
    this.#logger = deps.logger;
    this.#onSocket = deps.onSocket;
    this.#backlog = deps.backlog;
  }

  get address(): { readonly host: string; readonly port: number } {
    return { host: this.settings.host, port: this.#port };
  }

  /** Rejects with the error of node:net, for example EADDRINUSE. */
  async listen(): Promise<void> {
    const { host, port } = this.settings;
    if (host !== 'localhost') return this.#listenAt(host, port);
    for (let attempt = 1; ; attempt++) {
      await this.#listenAt('127.0.0.1', port);
      try {
        return await this.#listenAt('::1', this.#port);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return;
        this.close();
        // A free port of one address may be taken at the other.
        if (code !== 'EADDRINUSE' || port !== 0 || attempt === ATTEMPTS) throw error;
      }
    }
  }

  close(): void {
    for (const server of this.#servers) server.close();
    this.#servers = [];
    for (const socket of this.#greeting.values()) socket.destroy();
  }

  /** New handshakes use this; those that are done go on as they are. */
  renewTls(identity: TlsIdentity): void {
    for (const server of this.#servers) (server as TlsServer).setSecureContext(identity.context);
  }

  async #listenAt(host: string, port: number): Promise<void> {
    const { tls } = this.settings;
    const server = tls === undefined ? this.#plainServer() : this.#tlsServer(tls);
    const listening = new Deferred();
    server.once('error', listening.reject);
    server.listen({ host, port, backlog: this.#backlog }, listening.resolve);
    await listening.promise;
    server.off('error', listening.reject);
    // EMFILE and the like: that one client is lost, the server is not.
    server.on('error', (error) => this.#logger.error('accepting a connection failed', { error }));
    const address = server.address();
    this.#port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    this.#servers.push(server);
  }

  // Half-open: a client may end its side right after its last request and still read the answer.
  #plainServer(): Server {
    const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, pauseOnConnect: true };
    return createServer(options, (socket) => this.#onSocket(socket, this));
  }

  #tlsServer(identity: TlsIdentity): Server {
    const server = createTlsServer({
      ...identity.context,
      allowHalfOpen: true,
      noDelay: true,
      keepAlive: true,
      handshakeTimeout: HANDSHAKE_MS,
      requestCert: identity.clientAuth !== 'none',
      rejectUnauthorized: identity.clientAuth === 'required',
    });
    server.on('connection', (socket: Socket) => {
      if (this.#greeting.size >= MAX_HANDSHAKES) {
        socket.destroy();
        return;
      }
      const peer = peerOf(socket);
      this.#greeting.set(peer, socket);
      socket.once('close', () => this.#greeting.delete(peer));
    });
    server.on('secureConnection', (socket: TLSSocket) => {
      this.#greeting.delete(peerOf(socket));
      // As in Java: who shows a certificate although none is required must show a good one.
      const isForged = hasCertificate(socket) && !socket.authorized;
      if (identity.clientAuth === 'requested' && isForged) {
        this.#logger.info('TLS client refused', {
          host: socket.remoteAddress,
          reason: 'untrusted certificate',
        });
        socket.destroy();
      } else this.#onSocket(socket, this);
    });
    server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      this.#greeting.delete(peerOf(socket));
      this.#logger.info('TLS handshake failed', { host: socket.remoteAddress, reason: error.message });
    });
    return server;
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

function hasCertificate(socket: TLSSocket): boolean {
  return socket.getPeerX509Certificate() !== undefined;
}
