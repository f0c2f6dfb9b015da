import type { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { nextTurn } from '../base/async.ts';
import type { BufferPool } from '../base/buffer-pool.ts';
import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { ReadBuffer } from '../base/socket.ts';
import type { Access } from './access.ts';
import type { RequestContext } from './api.ts';
import { ConnectionError } from './connection-error.ts';
import type { ConnectionContext, FrameHandler, Response } from './dispatcher.ts';
import { FrameCutter } from './frame-cutter.ts';
import type { SharedBudget } from './shared-budget.ts';

export interface ConnectionSettings {
  readonly maxFrameBytes: number;
  /** Requests read ahead on one connection before its socket is paused. */
  readonly maxPipelinedRequests: number;
}

/** Even when slow readers hold all memory for responses, everybody else goes on in steps of this size. */
const LEAST_RESPONSE_BYTES = 1024 * 1024;

/** Of all connections together. */
export interface ConnectionBudgets {
  /** Bytes of requests received. */
  readonly received: SharedBudget;
  /** Bytes of responses not yet taken by their clients. */
  readonly unsent: SharedBudget;
  /** Requests that wait for one before them, not bytes. */
  readonly queued: SharedBudget;
}

/** So many requests of one connection start in a row; then the others have their turn. */
const REQUESTS_IN_A_ROW = 16;

/** A started request; finished ones wait here for those before them. */
interface InFlight {
  readonly frame: Buffer;
  readonly overlaps: boolean;
  /** `undefined` while the handler works. */
  response: Response | undefined;
}

/**
 * One client. Requests start in order of arrival and responses leave in that order.
 *
 *     socket -> cutter -> #queue -> handler -> #inFlight -> socket
 *        ^                  |                     |
 *        +----- paused while the queue is long, output is not drained or memory is short
 *
 * Invariant: bytes counted as received are in the cutter or in a queued or started frame.
 */
export class Connection {
  readonly id: number;
  readonly #socket: Socket;
  readonly #listener: RequestContext['listener'];
  readonly #access: Access;
  readonly #clientHost: string;
  readonly #settings: ConnectionSettings;
  readonly #handler: FrameHandler;
  readonly #received: SharedBudget;
  readonly #unsent: SharedBudget;
  readonly #queued: SharedBudget;
  readonly #logger: Logger;
  readonly #buffers: BufferPool;
  readonly #clock: Clock;
  readonly #cutter: FrameCutter;
  readonly #queue: Buffer[] = [];
  readonly #inFlight: InFlight[] = [];
  /** Made when first asked for: an idle connection does not need them. */
  #ended: AbortController | undefined;
  #context: ConnectionContext | undefined;
  /** Responses of this turn of the event loop wait for each other. */
  #isGathering = false;
  #heldBytes = 0;
  #unsentBytes = 0;
  /** No more requests are taken; the connection closes once the started ones are answered. */
  #finishing = false;
  #peerEnded = false;
  /** Others have their turn; `#pump` goes on afterwards. */
  #yields = false;
  /** Set while a quota keeps this client waiting: nothing starts and nothing is read. */
  #muted: Timer | undefined;
  /** Bytes moved since `isStale` was asked last. */
  #active = true;

  constructor(deps: {
    readonly id: number;
    /** Accepted and paused; or of TLS, which decrypts into memory of its own and says so with 'data' events. */
    readonly socket: Socket;
    /** Left out for sockets of TLS. */
    readonly readBuffer: ReadBuffer | undefined;
    readonly listener: RequestContext['listener'];
    readonly access: Access;
    readonly clientHost: string;
    readonly settings: ConnectionSettings;
    /** The dispatcher, or who stands before it. */
    readonly handler: FrameHandler;
    readonly budgets: ConnectionBudgets;
    readonly logger: Logger;
    readonly buffers: BufferPool;
    readonly clock: Clock;
    readonly onClose: () => void;
  }) {
    this.id = deps.id;
    this.#socket =
      deps.readBuffer?.adopt(deps.socket, this.#onBytes) ?? deps.socket.on('data', this.#onBytes).pause();
    this.#access = deps.access;
    this.#clientHost = deps.clientHost;
    this.#listener = deps.listener;
    this.#settings = deps.settings;
    this.#handler = deps.handler;
    this.#received = deps.budgets.received;
    this.#unsent = deps.budgets.unsent;
    this.#queued = deps.budgets.queued;
    this.#logger = deps.logger;
    this.#buffers = deps.buffers;
    this.#clock = deps.clock;
    this.#cutter = new FrameCutter(deps.settings.maxFrameBytes, deps.buffers);
    this.#socket.on('drain', this.#onDrain);
    this.#socket.on('end', this.#onPeerEnd);
    // A reset peer is everyday life; 'close' follows.
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.#release();
      deps.onClose();
    });
    this.#socket.resume();
  }

  /** Whether nothing moved since the last call and nobody waits for an answer that is still being made. */
  isStale(): boolean {
    const stale = !this.#active && this.#inFlight.length === 0 && this.#muted === undefined;
    this.#active = false;
    return stale;
  }

  /** From now on requests may be this large: the client is known. */
  allowFrames(maxFrameBytes: number): void {
    this.#cutter.maxFrameBytes = maxFrameBytes;
  }

  /** Answers what has started, then closes. */
  finish(): void {
    this.#finishing = true;
    this.#dropQueue();
    this.#ended?.abort();
    this.#socket.pause();
    this.#closeWhenDone();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  readonly #onBytes = (chunk: Buffer): void => {
    this.#active = true;
    if (this.#finishing) return;
    const pendingBefore = this.#cutter.pendingBytes;
    try {
      let framesBytes = 0;
      this.#cutter.push(chunk, (frame) => {
        this.#queue.push(frame);
        this.#queued.take(1);
        framesBytes += frame.length;
      });
      this.#hold(framesBytes + this.#cutter.pendingBytes - pendingBefore);
      if (this.#received.isOverrun && this.#cutter.pendingBytes > 0)
        throw new ConnectionError('requests of all connections exceed queued.max.request.bytes twice over');
      this.#pump();
    } catch (error) {
      this.#fail(error);
    }
  };

  readonly #onDrain = (): void => {
    this.#active = true;
    this.#pumpSafely();
  };

  readonly #onPeerEnd = (): void => {
    this.#peerEnded = true;
    this.#ended?.abort();
    if (this.#queue.length === 0) this.#closeWhenDone();
  };

  readonly #pumpSafely = (): void => {
    try {
      this.#pump();
    } catch (error) {
      this.#fail(error);
    }
  };

  /** Starts what may start, then decides whether to read on. */
  #pump(): void {
    for (let started = 0; this.#mayStart(this.#queue[0]); started++) {
      if (started === REQUESTS_IN_A_ROW) {
        this.#yield();
        break;
      }
      this.#queued.give(1);
      this.#start(this.#queue.shift()!);
    }
    if (this.#peerEnded && this.#queue.length === 0) this.#closeWhenDone();
    if (this.#finishing) return;
    const isBacklogged =
      this.#yields ||
      this.#muted !== undefined ||
      this.#queue.length + this.#inFlight.length >= this.#settings.maxPipelinedRequests ||
      this.#socket.writableNeedDrain;
    const waitsForMemory = !isBacklogged && this.#received.isFull && this.#cutter.pendingBytes === 0;
    if (waitsForMemory) this.#received.whenFree(this.#pumpSafely);
    // Who has nothing waiting is not held up by those who have.
    const addsToQueue = this.#queued.isFull && this.#queue.length > 0;
    if (isBacklogged || waitsForMemory || addsToQueue) this.#socket.pause();
    else this.#socket.resume();
  }

  /** Goes on when sockets and timers have had their turn. */
  #yield(): void {
    this.#yields = true;
    nextTurn().then(() => {
      this.#yields = false;
      this.#pumpSafely();
    });
  }

  #mayStart(frame: Buffer | undefined): frame is Buffer {
    if (
      frame === undefined ||
      this.#finishing ||
      this.#yields ||
      this.#muted !== undefined ||
      this.#socket.writableNeedDrain
    )
      return false;
    return (
      this.#inFlight.every((each) => each.overlaps) &&
      (this.#inFlight.length === 0 || this.#handler.overlaps(frame))
    );
  }

  #start(frame: Buffer): void {
    const request: InFlight = {
      frame,
      overlaps: this.#handler.overlaps(frame),
      response: undefined,
    };
    this.#inFlight.push(request);
    const response = this.#handler.handle(frame, this.#requestContext());
    if (!(response instanceof Promise)) {
      request.response = response;
      this.#flush();
      return;
    }
    response
      .then((value) => {
        request.response = value;
        this.#flush();
        this.#pump();
      })
      .catch((error: unknown) => this.#fail(error));
  }

  #requestContext(): ConnectionContext {
    if (this.#context !== undefined) return this.#context;
    this.#ended ??= new AbortController();
    this.#context = {
      connectionId: this.id,
      clientHost: this.#clientHost,
      clientPort: this.#socket.remotePort ?? 0,
      software: { name: '', version: '' },
      access: this.#access,
      listener: this.#listener,
      ended: this.#ended.signal,
      throttle: this.#mute,
      maxResponseBytes: () => Math.max(LEAST_RESPONSE_BYTES, this.#unsent.free),
    };
    return this.#context;
  }

  /** KIP-219: the answer has told how long, and goes out at once. */
  readonly #mute = (ms: number): void => {
    if (this.#socket.destroyed) return;
    this.#muted?.cancel();
    this.#muted = this.#clock.after(ms, () => {
      this.#muted = undefined;
      this.#pumpSafely();
    });
  };

  /** Sends the responses at the head that are ready. */
  #flush(): void {
    for (let head = this.#inFlight[0]; head?.response !== undefined; head = this.#inFlight[0]) {
      this.#inFlight.shift();
      if (head.response !== null) this.#send(head.response);
      this.#letGo(head.frame.length);
      if (this.#handler.letsGo(head.frame)) this.#buffers.giveBack(head.frame);
    }
    this.#closeWhenDone();
  }

  #send(parts: readonly Buffer[]): void {
    if (!this.#socket.writable) return;
    this.#gather();
    let bytes = 0;
    for (const part of parts) bytes += part.length;
    const last = parts.length - 1;
    for (let i = 0; i < last; i++) this.#socket.write(parts[i]!);
    this.#socket.write(parts[last]!, (error) => {
      this.#countUnsent(-bytes);
      // What a broken socket did with the memory nobody knows.
      if (!error) for (const part of parts) this.#buffers.giveBack(part);
    });
    this.#countUnsent(bytes);
    this.#active = true;
  }

  /**
   * Corked writes leave as one writev: header and records are gathered by the kernel, not copied here, and so are all
   * answers of a turn, as those of one commit group: one system call and one wake-up of the client for all of them.
   */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      this.#socket.uncork();
    });
  }

  #closeWhenDone(): void {
    if ((this.#finishing || this.#peerEnded) && this.#inFlight.length === 0 && this.#queue.length === 0)
      this.#socket.destroySoon();
  }

  #fail(error: unknown): void {
    if (this.#socket.destroyed) return;
    const from = { from: this.#socket.remoteAddress, connection: this.id };
    if (error instanceof ConnectionError) this.#logger.warn(`connection closed: ${error.message}`, from);
    else this.#logger.error('connection closed: a request failed unexpectedly', { ...from, error });
    this.#finishing = true;
    this.#dropQueue();
    this.#inFlight.length = 0;
    this.#ended?.abort();
    // What was answered before still goes out.
    this.#socket.destroySoon();
  }

  #countUnsent(bytes: number): void {
    // After 'close' everything was given back at once.
    const counted = Math.max(bytes, -this.#unsentBytes);
    this.#unsentBytes += counted;
    this.#unsent.take(counted);
  }

  #dropQueue(): void {
    this.#queued.give(this.#queue.length);
    this.#queue.length = 0;
  }

  #hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#received.take(bytes);
  }

  #letGo(bytes: number): void {
    const given = Math.min(bytes, this.#heldBytes);
    this.#heldBytes -= given;
    this.#received.give(given);
  }

  #release(): void {
    this.#muted?.cancel();
    this.#ended?.abort();
    this.#received.forget(this.#pumpSafely);
    this.#letGo(this.#heldBytes);
    this.#countUnsent(-this.#unsentBytes);
    this.#dropQueue();
  }
}
