// A schema registry over HTTP for the tests of its API: what is sent, and what is answered.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import type { User } from '../http/auth.ts';
import { RegistryServer } from '../http/registry-server.ts';
import { Registry } from '../registry/registry.ts';
import { MemoryTopics } from './memory-topics.ts';

export const INT = { schema: '"int"' };
export const LONG = { schema: '"long"' };
export const TEXT = { schema: '"string"' };

export const record = (...fields: object[]) => ({
  schema: JSON.stringify({ type: 'record', name: 'R', fields }),
});
export const A = { name: 'a', type: 'int' };
export const B = { name: 'b', type: 'int' };

export interface RegistryHttp {
  readonly registry: Registry;
  send(line: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** The body of a good answer, the code of a refusal. */
  ask(line: string, body?: unknown): Promise<unknown>;
  /** The schema's id, the code of a refusal. */
  register(subject: string, schema: object): Promise<number>;
  stop(): Promise<void>;
}

export async function startRegistryHttp(users: User[] = []): Promise<RegistryHttp> {
  const registry = new Registry({ topics: new MemoryTopics(), clock: systemClock, logger: silentLogger });
  const server = await RegistryServer.start(
    { registry, clock: systemClock, logger: silentLogger, clusterId: 'cluster' },
    {
      ...{ host: '127.0.0.1', port: 0, maxConnections: 100 },
      ...{ maxBodyBytes: 5_000, bodyTimeoutMs: 1_000, users, allowOrigin: 'http://page' },
    },
  );
  const send: RegistryHttp['send'] = (line, body, headers = {}) => {
    const [method = '', path = ''] = line.split(' ');
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return fetch(`http://${server.address}${path}`, {
      method,
      headers: { connection: 'close', ...headers },
      ...(body !== undefined && { body: text }),
    });
  };
  const ask: RegistryHttp['ask'] = async (line, body) => {
    const response = await send(line, body);
    const answer = (await response.json()) as { error_code?: number; message?: string };
    if (response.ok) return answer;
    const { error_code = 0, message } = answer;
    assert.equal(response.status, error_code < 1000 ? error_code : Math.floor(error_code / 100), message);
    return error_code;
  };
  return {
    registry,
    send,
    ask,
    async register(subject, schema) {
      const answer = await ask(`POST /subjects/${subject}/versions`, schema);
      return typeof answer === 'number' ? answer : (answer as { id: number }).id;
    },
    async stop() {
      await server.stop();
      await registry.stop();
    },
  };
}

/** A test with a registry of its own, empty at first. */
export function scenario(title: string, run: (http: RegistryHttp) => Promise<void>): void {
  it(title, async () => {
    const http = await startRegistryHttp();
    try {
      await run(http);
    } finally {
      await http.stop();
    }
  });
}
