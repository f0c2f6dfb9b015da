import { parseHttpEndpoints } from '../base/http-endpoints.ts';
import {
  type RegisteredSchema,
  type SchemaReference,
  type SchemaRegistry,
  SchemaRegistryError,
  type SchemaText,
  type SchemaType,
  type SubjectVersion,
} from '../serde/schema-registry.ts';
import { CODES } from './registry-error.ts';

export interface RemoteRegistryOptions {
  /** One or several with commas between, asked in this order. */
  readonly url: string;
  /** `NAME:PASSWORD` for basic authentication; a URL may hold its own. */
  readonly user?: string | undefined;
  readonly timeoutMs?: number;
  /** Of schemas by their ids and what these refer to. */
  readonly lookupTimeoutMs?: number;
  readonly fetch?: typeof fetch;
}

interface AskOptions {
  readonly schema?: SchemaText;
  readonly timeoutMs?: number;
}

interface SchemaAnswer {
  readonly schema: string;
  readonly schemaType?: SchemaType;
  readonly references?: readonly SchemaReference[];
}
interface VersionAnswer extends SchemaAnswer {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
}

type Method = 'GET' | 'POST' | 'DELETE';

const NOT_FOUND: readonly number[] = [
  404,
  CODES.subjectNotFound,
  CODES.subjectDeleted,
  CODES.versionNotFound,
  CODES.schemaNotFound,
];
const JSON_TYPE = 'application/vnd.schemaregistry.v1+json';
const TIMEOUT_MS = 30_000;
/** Queries wait for these and ask again by themselves; a server that starts or stops must not wait for them long. */
const LOOKUP_TIMEOUT_MS = 3_000;

/** A schema registry elsewhere, over its HTTP API: Confluent's, or any that speaks it. */
export class RemoteRegistry implements SchemaRegistry {
  readonly #urls: readonly string[];
  readonly #authorization: string | undefined;
  readonly #timeoutMs: number;
  readonly #lookupTimeoutMs: number;
  readonly #fetch: typeof fetch;

  constructor(options: RemoteRegistryOptions) {
    const { urls, authorization } = parseHttpEndpoints(options.url, options.user);
    this.#urls = urls;
    this.#authorization = authorization;
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#lookupTimeoutMs = options.lookupTimeoutMs ?? LOOKUP_TIMEOUT_MS;
    this.#fetch = options.fetch ?? fetch;
  }

  async latest(subject: string): Promise<SubjectVersion | undefined> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/latest`;
    return versionIn(await this.#ask<VersionAnswer>('GET', path));
  }

  async version(subject: string, version: number): Promise<SubjectVersion | undefined> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
    return versionIn(await this.#ask<VersionAnswer>('GET', path, { timeoutMs: this.#lookupTimeoutMs }));
  }

  async byId(id: number): Promise<RegisteredSchema | undefined> {
    const path = `/schemas/ids/${id}`;
    const answer = await this.#ask<SchemaAnswer>('GET', path, { timeoutMs: this.#lookupTimeoutMs });
    return answer && { id, ...textIn(answer) };
  }

  async register(subject: string, schema: SchemaText): Promise<number> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const answer = await this.#ask<{ readonly id: number }>('POST', path, { schema });
    if (answer) return answer.id;
    throw new SchemaRegistryError(`The schema registry knows nothing of ${path}: is it one?`, 404);
  }

  async lookup(subject: string, schema: SchemaText): Promise<SubjectVersion | undefined> {
    const path = `/subjects/${encodeURIComponent(subject)}`;
    return versionIn(await this.#ask<VersionAnswer>('POST', path, { schema }));
  }

  async deleteSubject(subject: string): Promise<void> {
    await this.#ask('DELETE', `/subjects/${encodeURIComponent(subject)}`);
  }

  /** From the first that can be reached; undefined when it does not have what is asked for. */
  async #ask<Answer>(method: Method, path: string, options: AskOptions = {}): Promise<Answer | undefined> {
    let failure: unknown;
    for (const url of this.#urls) {
      try {
        return await this.#askOne<Answer>(method, url + path, options);
      } catch (error) {
        if (error instanceof SchemaRegistryError) throw error;
        failure = error;
      }
    }
    const { message, cause } = failure as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new SchemaRegistryError(
      `The schema registry at ${this.#urls.join(', ')} was not reached: ${reason}`,
      0,
    );
  }

  async #askOne<Answer>(
    method: Method,
    url: string,
    { schema, timeoutMs = this.#timeoutMs }: AskOptions,
  ): Promise<Answer | undefined> {
    const body = schema && {
      schema: schema.schema,
      ...(schema.type !== 'AVRO' && { schemaType: schema.type }),
      ...(schema.references.length > 0 && { references: schema.references }),
    };
    const response = await this.#fetch(url, {
      method,
      headers: {
        accept: JSON_TYPE,
        ...(body && { 'content-type': JSON_TYPE }),
        ...(this.#authorization && { authorization: this.#authorization }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (response.ok) return JSON.parse(text) as Answer;
    const { code, message } = errorIn(text, response.status);
    if (NOT_FOUND.includes(code)) return undefined;
    throw new SchemaRegistryError(
      `The schema registry answered ${method} ${url} with ${code}: ${message}`,
      code,
    );
  }
}

function versionIn(answer: VersionAnswer | undefined): SubjectVersion | undefined {
  if (!answer) return undefined;
  const { subject, version, id } = answer;
  return { subject, version, id, ...textIn(answer) };
}

function textIn({ schema, schemaType = 'AVRO', references = [] }: SchemaAnswer): SchemaText {
  return { type: schemaType, schema, references };
}

function errorIn(text: string, status: number): { readonly code: number; readonly message: string } {
  try {
    const { error_code, message } = JSON.parse(text) as { error_code?: number; message?: string };
    return { code: error_code ?? status, message: message ?? '' };
  } catch {
    // A proxy's page, most likely.
    return { code: status, message: text.slice(0, 200) };
  }
}
