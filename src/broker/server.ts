import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { javaAddress } from '../base/address.ts';
import { Deferred } from '../base/async.ts';
import type { BufferPool } from '../base/buffer-pool.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import { ReadBuffer } from '../base/socket.ts';
import { type Access, ANONYMOUS, fullAccess, NO_ACCESS } from './access.ts';
import { Admissions } from './admission.ts';
import { Connection, type ConnectionBudgets, type ConnectionSettings } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import { SaslGate } from './security/sasl-gate.ts';
import { SaslSession, type SaslSettings } from './security/sasl-session.ts';
import { type ListenerSettings, ServerListener } from './server-listener.ts';
import { SharedBudget } from './shared-budget.ts';

export interface ServerSettings extends ConnectionSettings {
  readonly maxConnections: number;
  readonly maxIdleMs: number;
  /** Connections the system keeps until they are accepted. */
  readonly backlog: number;
  /** Of all connections together: requests received and not answered (queued.max.request.bytes). */
  readonly maxReceivedBytes: number;
  /** Of all connections together: requests that wait for one before them (queued.max.requests). */
  readonly maxQueuedRequests: number;
  /** Of all connections together: responses their clients have not taken. */
  readonly maxUnsentBytes: number;
}

export const DEFAULT_SERVER_SETTINGS: ServerSettings = {
  maxFrameBytes: 100 * 1024 * 1024,
  maxPipelinedRequests: 64,
  maxConnections: 20_000,
  maxIdleMs: 600_000,
  backlog: 1024,
  maxReceivedBytes: 256 * 1024 * 1024,
  maxQueuedRequests: 500,
  maxUnsentBytes: 256 * 1024 * 1024,
};

/** Accepts Kafka clients of all listeners and keeps the limits that concern all of them; each client is a `Connection`. */
export class KafkaServer {
  readonly #settings: ServerSettings;
  readonly #dispatcher: Dispatcher;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #listeners: readonly ServerListener[];
  readonly #accessOf: AccessOf;
  readonly #budgets: ConnectionBudgets;
  readonly #buffers: BufferPool;
  readonly #readBuffer = new ReadBuffer();
  readonly #connections = new Set<Connection>();
  readonly #admissions: Admissions;
  /** Admitted and not yet served, or refused and not yet closed. */
  readonly #waiting = new Map<Socket, Timer>();
  readonly #accepted: Counter;
  readonly #refused: Counter;
  readonly #loggedIn: Counter;
  readonly #loginFailed: Counter;
  #nextConnectionId = 1;
  #sweep: Timer | undefined;
  /** Resolves when the last connection of a stopping server is gone. */
  #emptied: Deferred | undefined;

  private constructor(
    listeners: readonly ListenerSettings[],
    settings: ServerSettings,
    deps: ServerDependencies,
  ) {
    this.#settings = settings;
    this.#accessOf = deps.accessOf ?? (({ principal }) => fullAccess(principal));
    this.#dispatcher = deps.dispatcher;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#buffers = deps.buffers;
    this.#accepted = deps.metrics.counter(
      'millrace_kafka_connections_accepted_total',
      'Connections of Kafka clients.',
    );
    this.#refused = deps.metrics.counter(
      'millrace_kafka_connections_refused_total',
      'Connections above max.connections and other limits.',
    );
    this.#loggedIn = deps.metrics.counter(
      'millrace_kafka_authentications_total',
      'Kafka clients that proved who they are, at first or anew.',
    );
    this.#loginFailed = deps.metrics.counter(
      'millrace_kafka_authentication_failures_total',
      'Kafka clients that did not prove who they are.',
    );
    deps.metrics.observe('millrace_kafka_connections', 'Open connections of Kafka clients.', () => [
      { labels: {}, value: this.#connections.size },
    ]);
    this.#admissions = deps.admissions ?? admitUpTo(settings.maxConnections, deps.clock);
    this.#budgets = {
      received: new SharedBudget(settings.maxReceivedBytes),
      unsent: new SharedBudget(settings.maxUnsentBytes),
      queued: new SharedBudget(settings.maxQueuedRequests),
    };
    const parts = {
      logger: deps.logger,
      onSocket: (socket: Socket, listener: ServerListener) => this.#accept(socket, listener),
      backlog: settings.backlog,
    };
    this.#listeners = listeners.map((listener) => new ServerListener(listener, parts));
  }

  /** Rejects with a ListenError that names the listener. */
  static async listen(
    listeners: readonly ListenerSettings[],
    settings: Partial<ServerSettings>,
    deps: ServerDependencies,
  ): Promise<KafkaServer> {
    const server = new KafkaServer(listeners, { ...DEFAULT_SERVER_SETTINGS, ...settings }, deps);
    await server.#listen();
    return server;
  }

  async #listen(): Promise<void> {
    for (const listener of this.#listeners) {
      try {
        await listener.listen();
      } catch (cause) {
        for (const each of this.#listeners) each.close();
        throw new ListenError(listener.settings, cause);
      }
    }
    this.#scheduleSweep();
  }

  /** Where the server listens, with the ports it got, in the order of its settings. */
  get listeners(): readonly ServerListener[] {
    return this.#listeners;
  }

  /** Of the first listener. */
  get address(): { readonly host: string; readonly port: number } {
    return this.#listeners[0]!.address;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Takes no more requests, answers those that have started, and cuts off what is left after `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    this.#sweep?.cancel();
    for (const listener of this.#listeners) listener.close();
    for (const [socket, timer] of this.#waiting) {
      timer.cancel();
      socket.destroy();
    }
    for (const connection of this.#connections) connection.finish();
    if (this.#connections.size === 0) return;
    this.#emptied = new Deferred();
    const deadline = this.#clock.after(deadlineMs, () => {
      for (const connection of this.#connections) connection.destroy();
    });
    await this.#emptied.promise;
    deadline.cancel();
  }

  #accept(socket: Socket, listener: ServerListener): void {
    const address = javaAddress(socket.remoteAddress ?? '');
    const admission = this.#admissions.admit(address);
    if (!admission.admitted) {
      this.#refused.add();
      this.#logger.warn(`connection refused: ${admission.reason}`, { from: address });
      this.#later(socket, admission.waitMs, () => socket.destroy());
      return;
    }
    const left = () => this.#admissions.leave(address);
    this.#later(socket, admission.waitMs, () => this.#serve(socket, listener, left), left);
  }

  /** Nothing is read from the socket meanwhile: it was accepted paused. */
  #later(socket: Socket, waitMs: number, act: () => void, left: () => void = () => {}): void {
    // A reset peer is everyday life.
    socket.on('error', () => {});
    if (waitMs === 0) {
      act();
      return;
    }
    const timer = this.#clock.after(waitMs, () => {
      this.#waiting.delete(socket);
      act();
    });
    this.#waiting.set(socket, timer);
    socket.once('close', () => {
      timer.cancel();
      if (this.#waiting.delete(socket)) left();
    });
  }

  #serve(socket: Socket, listener: ServerListener, left: () => void): void {
    const { sasl } = listener.settings;
    const clientHost = javaAddress(socket.remoteAddress ?? '');
    const session = sasl && this.#session(sasl, clientHost, () => connection);
    const access = session === undefined ? this.#accessBySocket(socket, listener, clientHost) : NO_ACCESS;
    if (access === undefined) {
      const reason = 'no rule of ssl.principal.mapping.rules applies to its certificate';
      this.#logger.info('TLS client refused', { host: clientHost, reason });
      socket.destroy();
      left();
      return;
    }
    const { maxFrameBytes } = this.#settings;
    const unknownYet = sasl && { maxFrameBytes: Math.min(maxFrameBytes, sasl.maxReceiveBytes) };
    const connection: Connection = new Connection({
      id: this.#nextConnectionId++,
      socket,
      readBuffer: socket instanceof TLSSocket ? undefined : this.#readBuffer,
      listener: advertisedTo(socket, listener),
      settings: unknownYet ? { ...this.#settings, ...unknownYet } : this.#settings,
      handler: session === undefined ? this.#dispatcher : new SaslGate(this.#dispatcher, session),
      access,
      clientHost,
      budgets: this.#budgets,
      logger: this.#logger,
      buffers: this.#buffers,
      clock: this.#clock,
      onClose: () => {
        left();
        this.#forget(connection);
      },
    });
    this.#connections.add(connection);
    this.#accepted.add();
  }

  #session(sasl: SaslSettings, host: string, connection: () => Connection): SaslSession {
    return new SaslSession({
      ...sasl,
      clock: this.#clock,
      logger: this.#logger,
      host,
      accessOf: (principal) => this.#accessOf({ principal, host }),
      onOpen: () => {
        this.#loggedIn.add();
        connection().allowFrames(this.#settings.maxFrameBytes);
      },
      onFailed: () => {
        this.#loginFailed.add();
        connection().finish();
      },
    });
  }

  /** Who is not asked is whoever its certificate says, if it showed one. Undefined: nobody we know. */
  #accessBySocket(socket: Socket, { settings }: ServerListener, host: string): Access | undefined {
    const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
    const principal = certificate === undefined ? ANONYMOUS : settings.principalOf?.(certificate.raw);
    return principal === undefined ? undefined : this.#accessOf({ principal, host });
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#emptied?.resolve();
  }

  /** One timer for all connections: an idle one costs no timer of its own and ends within twice the limit. */
  #scheduleSweep(): void {
    this.#sweep = this.#clock.after(this.#settings.maxIdleMs, () => {
      for (const connection of this.#connections) if (connection.isStale()) connection.destroy();
      this.#scheduleSweep();
    });
  }
}

/** An address the client can surely reach: the one it has just reached. */
function advertisedTo(
  socket: Socket,
  listener: ServerListener,
): { readonly host: string; readonly port: number } {
  const { advertised } = listener.settings;
  // Port 0 of an advertised address is the one the listener got.
  if (advertised !== undefined) return { ...advertised, port: advertised.port || listener.address.port };
  const { host, port } = listener.address;
  const isWildcard = host === '0.0.0.0' || host === '::' || host === '';
  const reached = socket.localAddress?.replace(/^::ffff:/, '');
  return { host: isWildcard ? (reached ?? host) : host, port };
}

/** A listener that could not be opened; `cause` is the error of node:net. */
export class ListenError extends Error {
  readonly listener: ListenerSettings;

  constructor(listener: ListenerSettings, cause: unknown) {
    super(`the listener ${listener.name} cannot be opened`, { cause });
    this.name = 'ListenError';
    this.listener = listener;
  }
}

export type AccessOf = (client: { readonly principal: string; readonly host: string }) => Access;

export interface ServerDependencies {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Who is let in; left out: up to `maxConnections` everybody. */
  readonly admissions?: Admissions;
  /** Memory for requests, and where that of responses may come from. */
  readonly buffers: BufferPool;
  /** What a client may do; left out: everything. */
  readonly accessOf?: AccessOf;
}

function admitUpTo(most: number, clock: Clock): Admissions {
  const unlimited = Number.POSITIVE_INFINITY;
  return new Admissions({
    limits: () => ({ most, mostPerAddress: unlimited, overrides: new Map(), perSecond: unlimited }),
    windows: () => ({ count: 1, ms: 1000 }),
    clock,
    addressWaitMs: () => 0,
  });
}
