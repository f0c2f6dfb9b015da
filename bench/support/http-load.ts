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

export interface HttpResult {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Below what was asked for when the server could not follow. */
  readonly perSecond: number;
}

/** How long after its end a load waits for the last answers. */
const GRACE_SECONDS = 2;

/**
 * POSTs at a fixed rate over connections that stay open. A request that finds every connection busy waits in line, and the
 * wait counts. Speaks HTTP itself: Node's client would use more time than the server it measures.
 */
export async function httpLoad(load: HttpLoad): Promise<HttpResult> {
  const { hostname, port } = new URL(load.url);
  const total = load.perSecond * load.seconds;
  const times: number[] = [];
  const waiting: { n: number; dueMs: number }[] = [];
  const idle: Connection[] = [];
  const all: Connection[] = [];
  let failure: Error | undefined;
  const next = (connection: Connection) => {
    const turn = waiting.shift();
    if (turn === undefined) idle.push(connection);
    else begin(connection, turn.n, turn.dueMs);
  };
  const begin = (connection: Connection, n: number, dueMs: number) => {
    const { body, expect } = load.request(n);
    connection.post(load.path, body, (answer) => {
      times.push(performance.now() - dueMs);
      if (!answer.includes(expect)) failure ??= new Error(`answer ${n} lacks ${expect}: ${answer}`);
      next(connection);
    });
  };
  for (let n = 0; n < load.connections; n++) {
    const connection = new Connection(await opened(hostname, Number(port)), (error) => {
      failure ??= error;
    });
    all.push(connection);
    idle.push(connection);
  }
  const begunMs = performance.now();
  const lastMs = begunMs + (load.seconds + GRACE_SECONDS) * 1000;
  let sent = 0;
  while (times.length < total && failure === undefined && performance.now() < lastMs) {
    const nowMs = performance.now();
    const due = Math.min(total, Math.floor(((nowMs - begunMs) / 1000) * load.perSecond));
    for (; sent < due; sent++) {
      const connection = idle.pop();
      if (connection === undefined) waiting.push({ n: sent, dueMs: nowMs });
      else begin(connection, sent, nowMs);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const answered = times.length;
  for (const connection of all) connection.close();
  // Whoever still stands in line has waited at least so long.
  for (const { dueMs } of waiting) times.push(performance.now() - dueMs);
  if (failure !== undefined) throw failure;
  const seconds = (performance.now() - begunMs) / 1000;
  times.sort((a, b) => a - b);
  return {
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    p999: quantile(times, 0.999),
    perSecond: answered / seconds,
  };
}

function opened(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => resolve(socket)).once('error', reject);
    socket.setNoDelay(true);
  });
}

/** One request at a time over one socket. */
class Connection {
  readonly #socket: Socket;
  #answer = '';
  #done: ((answer: string) => void) | undefined;

  constructor(socket: Socket, onError: (error: Error) => void) {
    this.#socket = socket;
    socket.removeAllListeners('error').on('error', onError);
    socket.setEncoding('latin1').on('data', (chunk: string) => this.#receive(chunk));
    socket.on('close', () => {
      if (this.#done !== undefined)
        onError(new Error('the server closed a connection that waited for an answer'));
    });
  }

  post(path: string, body: string, done: (answer: string) => void): void {
    this.#answer = '';
    this.#done = done;
    const length = Buffer.byteLength(body);
    this.#socket.write(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`,
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
