import { connect, type Socket } from 'node:net';
import { quantile } from './statistics.ts';

export interface HttpLoad {
  readonly url: string;
  readonly path: string;
  /** The body of request `n`, and a text that its answer must hold. */
  readonly request: (n: number) => { readonly body: string; readonly expect: string };
  readonly perSecond: number;
  readonly seconds: number;
  readonly connections: number;
}

/** In milliseconds. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

export interface HttpResult {
  /** From when a request was due to its answer: all that a client waits for, the load's own delays too. */
  readonly fromDue: Latencies;
  /** From when it was written to its answer: without the load's own delay before, and without the wait in line. */
  readonly fromSent: Latencies;
  /** Below what was asked for when the server could not follow. */
  readonly perSecond: number;
  /** Of the load itself. */
  readonly cpuSeconds: number;
}

/** How long after its end a load waits for the last answers. */
const GRACE_SECONDS = 2;
const TICK_MS = 1;

/**
 * POSTs at a fixed rate over connections that stay open. Each millisecond as many requests fall due as the rate says, and
 * an answer's time counts from then, whether or not the load is late itself; so a pause of either side is in the figures
 * of all whom it delays. A request that finds every connection busy waits in line. Speaks HTTP itself, from one buffer:
 * Node's client would use more time than the server it measures.
 */
export async function httpLoad(load: HttpLoad): Promise<HttpResult> {
  const { hostname, port } = new URL(load.url);
  const total = load.perSecond * load.seconds;
  const perTick = (load.perSecond * TICK_MS) / 1000;
  const sentMs = new Float64Array(total);
  const answeredMs = new Float64Array(total);
  let answered = 0;
  /** Requests before `sent` have been sent; those from there to `due` wait in line. */
  let sent = 0;
  let due = 0;
  const idle: Connection[] = [];
  const all: Connection[] = [];
  let failure: Error | undefined;
  const before = process.cpuUsage();
  const dueMs = (n: number) => begunMs + Math.ceil((n + 1) / perTick) * TICK_MS;
  const begin = (connection: Connection, n: number) => {
    const { body, expect } = load.request(n);
    sentMs[n] = performance.now();
    connection.post(load.path, body, (answer) => {
      answeredMs[n] = performance.now();
      answered += 1;
      if (!answer.includes(expect)) failure ??= new Error(`answer ${n} lacks ${expect}: ${answer}`);
      if (sent < due) begin(connection, sent++);
      else idle.push(connection);
    });
  };
  for (let n = 0; n < load.connections; n++) {
    const connection = await Connection.open(hostname, Number(port), (error) => {
      failure ??= error;
    });
    all.push(connection);
    idle.push(connection);
  }
  const begunMs = performance.now();
  const lastMs = begunMs + (load.seconds + GRACE_SECONDS) * 1000;
  while (answered < total && failure === undefined && performance.now() < lastMs) {
    const ticks = Math.floor((performance.now() - begunMs) / TICK_MS);
    due = Math.min(total, Math.floor(ticks * perTick));
    while (sent < due && idle.length > 0) begin(idle.pop() as Connection, sent++);
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  for (const connection of all) connection.close();
  if (failure !== undefined) throw failure;
  const endMs = performance.now();
  const { user, system } = process.cpuUsage(before);
  return {
    // Whoever has no answer yet has waited at least until now.
    fromDue: latencies(answeredMs.map((at, n) => (at || endMs) - dueMs(n))),
    fromSent: latencies(answeredMs.subarray(0, sent).map((at, n) => (at || endMs) - sentMs[n]!)),
    perSecond: answered / ((endMs - begunMs) / 1000),
    cpuSeconds: (user + system) / 1e6,
  };
}

function latencies(times: Float64Array): Latencies {
  times.sort();
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), p999: quantile(times, 0.999) };
}

/** One request at a time over one socket. */
class Connection {
  /** All sockets are read into it: what has arrived is taken out before the next is read. */
  static readonly #buffer = Buffer.allocUnsafe(64 * 1024);
  readonly #socket: Socket;
  #answer = '';
  #done: ((answer: string) => void) | undefined;

  private constructor(host: string, port: number, onOpen: () => void, onError: (error: Error) => void) {
    const callback = (length: number, buffer: Uint8Array) => {
      this.#receive((buffer as Buffer).toString('latin1', 0, length));
      return true;
    };
    this.#socket = connect({ host, port, noDelay: true, onread: { buffer: Connection.#buffer, callback } });
    this.#socket.on('error', onError).once('connect', onOpen);
    this.#socket.on('close', () => {
      if (this.#done !== undefined)
        onError(new Error('the server closed a connection that waited for an answer'));
    });
  }

  static open(host: string, port: number, onError: (error: Error) => void): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const connection: Connection = new Connection(
        host,
        port,
        () => resolve(connection),
        (error) => {
          onError(error);
          reject(error);
        },
      );
    });
  }

  post(path: string, body: string, done: (answer: string) => void): void {
    this.#answer = '';
    this.#done = done;
    const length = Buffer.byteLength(body);
    this.#socket.write(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`,
      // Of the two the one that is quicker to write.
      length === body.length ? 'latin1' : 'utf8',
    );
  }

  close(): void {
    this.#done = undefined;
    this.#socket.destroy();
  }

  #receive(chunk: string): void {
    this.#answer += chunk;
    if (!isWhole(this.#answer)) return;
    const done = this.#done;
    this.#done = undefined;
    done?.(this.#answer);
  }
}

/** Has the whole answer arrived? Its length is given, or its last chunk is empty (RFC 9112, section 7.1). */
export function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf('\r\n\r\n');
  if (headEnd < 0) return false;
  const length = answer.slice(0, headEnd).match(/\r\ncontent-length: *(\d+)/i)?.[1];
  if (length !== undefined) return answer.length - headEnd - 4 >= Number(length);
  return answer.endsWith('\r\n0\r\n\r\n');
}
