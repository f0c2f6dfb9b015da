import { createServer, type Server, type Socket } from 'node:net';
import { Deferred } from '../base/async.ts';
import type { BufferPool } from '../base/buffer-pool.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import { ReadBuffer } from '../base/socket.ts';
import { Admissions } from './admission.ts';
import { Connection, type ConnectionBudgets, type ConnectionSettings } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import { MemoryBudget } from './memory-budget.ts';

export interface ServerSettings extends ConnectionSettings {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** What clients are told to connect to; left out: the address they reached. */
  readonly advertised?: { readonly host: string; readonly port: number };
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

export const DEFAULT_SERVER_SETTINGS: Omit<ServerSettings, 'host' | 'port'> = {
  maxFrameBytes: 100 * 1024 * 1024,
  maxPipelinedRequests: 64,
  maxConnections: 20_000,
  maxIdleMs: 600_000,
  backlog: 1024,
  maxReceivedBytes: 256 * 1024 * 1024,
  maxQueuedRequests: 500,
  maxUnsentBytes: 256 * 1024 * 1024,
};

/** Accepts Kafka clients and keeps the limits that concern all of them; each client is a `Connection`. */
export class KafkaServer {
  readonly #settings: ServerSettings;
  readonly #dispatcher: Dispatcher;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #server: Server;
  readonly #budgets: ConnectionBudgets;
  readonly #buffers: BufferPool;
  readonly #readBuffer = new ReadBuffer();
  readonly #connections = new Set<Connection>();
  readonly #admissions: Admissions;
  /** Admitted and not yet served, or refused and not yet closed. */
  readonly #waiting = new Map<Socket, Timer>();
  readonly #accepted: Counter;
  readonly #refused: Counter;
  #nextConnectionId = 1;
  #sweep: Timer | undefined;
  /** Resolves when the last connection of a stopping server is gone. */
  #emptied: Deferred | undefined;

  private constructor(settings: ServerSettings, deps: ServerDependencies) {
    this.#settings = settings;
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
    deps.metrics.observe('millrace_kafka_connections', 'Open connections of Kafka clients.', () => [
      { labels: {}, value: this.#connections.size },
    ]);
    this.#admissions = deps.admissions ?? admitUpTo(settings.maxConnections, deps.clock);
    this.#budgets = {
      received: new MemoryBudget(settings.maxReceivedBytes),
      unsent: new MemoryBudget(settings.maxUnsentBytes),
      queued: new MemoryBudget(settings.maxQueuedRequests),
    };
    // Half-open: a client may end its side right after its last request and still read the answer.
    const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, pauseOnConnect: true };
    this.#server = createServer(options, (socket) => this.#accept(socket));
  }

  /** Rejects with the error of node:net, for example EADDRINUSE. */
  static async listen(
    settings: Partial<ServerSettings> & Pick<ServerSettings, 'host' | 'port'>,
    deps: ServerDependencies,
  ): Promise<KafkaServer> {
    const server = new KafkaServer({ ...DEFAULT_SERVER_SETTINGS, ...settings }, deps);
    await server.#listen();
    return server;
  }

  async #listen(): Promise<void> {
    const { host, port } = this.#settings;
    const listening = new Deferred();
    this.#server.once('error', listening.reject);
    this.#server.listen({ host, port, backlog: this.#settings.backlog }, listening.resolve);
    await listening.promise;
    this.#server.off('error', listening.reject);
    // EMFILE and the like: that one client is lost, the server is not.
    this.#server.on('error', (error) => this.#logger.error('accepting a connection failed', { error }));
    this.#scheduleSweep();
  }

  /** Where the server listens, with the port it got. */
  get address(): { readonly host: string; readonly port: number } {
    const address = this.#server.address();
    return { host: this.#settings.host, port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Takes no more requests, answers those that have started, and cuts off what is left after `deadlineMs`. */
  async stop(deadlineMs: number): Promise<void> {
    this.#sweep?.cancel();
    this.#server.close();
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

  #accept(socket: Socket): void {
    const address = addressOf(socket);
    const admission = this.#admissions.admit(address);
    if (!admission.admitted) {
      this.#refused.add();
      this.#logger.warn(`connection refused: ${admission.reason}`, { from: address });
      this.#later(socket, admission.waitMs, () => socket.destroy());
      return;
    }
    const left = () => this.#admissions.leave(address);
    this.#later(socket, admission.waitMs, () => this.#serve(socket, left), left);
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

  #serve(socket: Socket, left: () => void): void {
    const connection: Connection = new Connection({
      id: this.#nextConnectionId++,
      socket,
      readBuffer: this.#readBuffer,
      listener: this.#advertisedTo(socket),
      settings: this.#settings,
      dispatcher: this.#dispatcher,
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

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#emptied?.resolve();
  }

  /** An address the client can surely reach: the one it has just reached. */
  #advertisedTo(socket: Socket): { readonly host: string; readonly port: number } {
    if (this.#settings.advertised !== undefined) return this.#settings.advertised;
    const { host, port } = this.address;
    const isWildcard = host === '0.0.0.0' || host === '::' || host === '';
    const reached = socket.localAddress?.replace(/^::ffff:/, '');
    return { host: isWildcard ? (reached ?? host) : host, port };
  }

  /** One timer for all connections: an idle one costs no timer of its own and ends within twice the limit. */
  #scheduleSweep(): void {
    this.#sweep = this.#clock.after(this.#settings.maxIdleMs, () => {
      for (const connection of this.#connections) if (connection.isStale()) connection.destroy();
      this.#scheduleSweep();
    });
  }
}

export interface ServerDependencies {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Who is let in; left out: up to `maxConnections` everybody. */
  readonly admissions?: Admissions;
  /** Memory for requests, and where that of responses may come from. */
  readonly buffers: BufferPool;
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

/** Of IPv4 in its own form, even when the listener speaks IPv6. */
function addressOf({ remoteAddress = '' }: Socket): string {
  return remoteAddress.replace(/^::ffff:/, '');
}
