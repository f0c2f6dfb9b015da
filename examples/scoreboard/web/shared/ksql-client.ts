export type SqlValue =
  | string
  | number
  | boolean
  | null
  | readonly SqlValue[]
  | { readonly [field: string]: SqlValue };
export type Row = readonly SqlValue[];

/** The server answered, but not with success. */
export class KsqlRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

interface PushOptions {
  readonly from?: 'earliest' | 'latest';
  readonly signal?: AbortSignal;
  /** The query runs: from here on no row is missed. */
  readonly onOpen?: () => void;
  readonly onRow: (row: Row) => void;
}

/** The three requests the demo needs of the public HTTP interface; the same code runs in pages and in bots. */
export class KsqlClient {
  readonly #base: string;

  /** `base` is empty in pages: they are served by the server they talk to. */
  constructor(base = '') {
    this.#base = base;
  }

  /** Runs statements; answered when they are durable. */
  async execute(ksql: string, signal?: AbortSignal): Promise<void> {
    const response = await this.#post('/ksql', { ksql }, signal);
    await response.arrayBuffer();
  }

  async pull(sql: string, signal?: AbortSignal): Promise<Row[]> {
    const rows: Row[] = [];
    const response = await this.#post('/query-stream', { sql }, signal);
    for await (const line of linesOf(response)) if (line.startsWith('[')) rows.push(JSON.parse(line));
    return rows;
  }

  /** Resolves when the server ends the query, rejects when the connection breaks. */
  async push(sql: string, { from = 'latest', signal, onOpen, onRow }: PushOptions): Promise<void> {
    const properties = { 'auto.offset.reset': from };
    const response = await this.#post('/query-stream', { sql, properties }, signal);
    for await (const line of linesOf(response)) {
      if (line.startsWith('[')) onRow(JSON.parse(line));
      else if (line.includes('"queryId"')) onOpen?.();
      else if (line.startsWith('{')) throw new KsqlRefusal(response.status, messageOf(line));
    }
  }

  async #post(path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
    const response = await fetch(this.#base + path, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/vnd.ksql.v1+json',
        Accept: path === '/ksql' ? 'application/vnd.ksql.v1+json' : 'application/vnd.ksqlapi.delimited.v1',
      },
      body: JSON.stringify(body),
      // Lets the last move of a page that is being closed still arrive.
      keepalive: path === '/ksql',
      ...(signal && { signal }),
    });
    if (!response.ok) throw new KsqlRefusal(response.status, messageOf(await response.text()));
    return response;
  }
}

export function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  let rest = '';
  const decoder = new TextDecoder();
  const reader = response.body!.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    reader.releaseLock();
  }
}

function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: string };
    return message ?? body;
  } catch {
    return body;
  }
}
