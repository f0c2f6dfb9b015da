import type { Variables } from '../sql/variables.ts';
import { ClientError } from './client-error.ts';

export interface ClientSession {
  readonly properties: Map<string, string>;
  readonly variables: Variables;
}

export type Entity = Readonly<Record<string, unknown>> & { readonly '@type'?: string };

export interface RowsHeader {
  readonly queryId: string;
  readonly columnNames: readonly string[];
  readonly columnTypes: readonly string[];
}

/** The server's HTTP interface as the shell uses it. */
export class SqlClient {
  #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, user?: string) {
    this.#url = addressOf(url);
    const json = { 'content-type': 'application/json' };
    this.#headers = user === undefined ? json : { ...json, authorization: `Basic ${btoa(user)}` };
  }

  get url(): string {
    return this.#url;
  }

  /** From now on another server is asked, if it can be reached. */
  async connect(url: string): Promise<void> {
    const before = this.#url;
    this.#url = addressOf(url);
    try {
      await this.version();
    } catch (error) {
      this.#url = before;
      throw error;
    }
  }

  async version(): Promise<string> {
    const response = await this.#fetch('/info', { headers: this.#headers });
    const { KsqlServerInfo } = (await response.json()) as { KsqlServerInfo: { version: string } };
    return KsqlServerInfo.version;
  }

  /** `commandSequenceNumber`: of a statement that must be in force before. */
  async execute(
    statement: string,
    session: ClientSession,
    commandSequenceNumber?: number,
  ): Promise<Entity[]> {
    const response = await this.#post('/ksql', {
      ksql: statement,
      streamsProperties: Object.fromEntries(session.properties),
      sessionVariables: Object.fromEntries(session.variables),
      ...(commandSequenceNumber !== undefined && { commandSequenceNumber }),
    });
    return (await response.json()) as Entity[];
  }

  /** Lines of the answer as they come: for SELECT the header and rows as JSON, for PRINT plain lines. */
  async *query(statement: string, session: ClientSession, signal?: AbortSignal): AsyncGenerator<string> {
    const body = {
      sql: statement,
      properties: Object.fromEntries(session.properties),
      sessionVariables: Object.fromEntries(session.variables),
    };
    const response = await this.#post('/query-stream', body, signal);
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response.body as ReadableStream<Uint8Array>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest !== '') yield rest;
  }

  #post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
    return this.#fetch(path, {
      method: 'POST',
      headers: this.#headers,
      body: JSON.stringify(body),
      ...(signal && { signal }),
    });
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(this.#url + path, init);
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error;
      const { cause } = error as { cause?: { message?: string; code?: string } };
      if (cause?.code === 'UND_ERR_SOCKET')
        throw new ClientError(
          `${this.#url} closed the connection without an answer: the server ended, or this is its Kafka port and not its HTTP port`,
        );
      throw new ClientError(
        `cannot reach ${this.#url}: ${cause?.message || (error as Error).message}. Is the server running there?`,
      );
    }
    if (response.ok) return response;
    if (response.status === 401)
      throw new ClientError(
        `${this.#url} asks for a user name and a password, and took none or other ones: --user NAME:PASSWORD`,
      );
    const text = await response.text();
    if (response.status === 404 && !text.includes('"@type"'))
      throw new ClientError(
        `${this.#url} has nothing at ${path}: is that the server's HTTP port, and not its registry's?`,
      );
    throw new ClientError(messageOf(text) ?? `${response.status} ${response.statusText}`);
  }
}

function addressOf(url: string): string {
  return (/^https?:\/\//.test(url) ? url : `http://${url}`).replace(/\/+$/, '');
}

function messageOf(text: string): string | undefined {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === 'string' ? message : undefined;
  } catch {
    return undefined;
  }
}
