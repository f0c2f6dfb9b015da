import { parseHttpEndpoints } from '../base/http-endpoints.ts';
import {
  type ConnectCluster,
  ConnectError,
  type ConnectorInfo,
  type ConnectorPlugin,
  type ConnectorStatus,
  type ListedConnector,
} from '../engine/service/connect-cluster.ts';

export interface RemoteConnectOptions {
  /** One worker or several with commas between, asked in this order. */
  readonly url: string;
  /** `NAME:PASSWORD` for basic authentication; a URL may hold its own. */
  readonly user?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly fetch?: typeof fetch;
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';
type Config = Readonly<Record<string, string>>;

interface Answer<Body> {
  readonly status: number;
  readonly body: Body;
}
interface Validation {
  readonly configs: readonly {
    readonly value: { readonly name: string; readonly errors: readonly string[] };
  }[];
}
type Expanded = Readonly<
  Record<string, { readonly info?: ConnectorInfo | null; readonly status?: ConnectorStatus | null }>
>;

/** Above what making a connector takes that looks at its database first; ksqlDB gives up after five seconds. */
const TIMEOUT_MS = 30_000;

/** Failures of a connection before a request went over it: another worker may be asked instead. */
const NOT_REACHED: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Kafka Connect elsewhere, over its REST API. */
export class RemoteConnect implements ConnectCluster {
  readonly #urls: readonly string[];
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch;

  constructor(options: RemoteConnectOptions) {
    const { urls, authorization } = parseHttpEndpoints(options.url, options.user);
    this.#urls = urls;
    this.#headers = { accept: 'application/json', ...(authorization && { authorization }) };
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#fetch = options.fetch ?? fetch;
  }

  async validate(config: Config): Promise<string[]> {
    const className = config['connector.class'] ?? '';
    const path = `/connector-plugins/${encodeURIComponent(className)}/config/validate`;
    try {
      const { configs } = await this.#request<Validation>('PUT', path, config);
      return configs.flatMap(({ value }) => value.errors.map((error) => `${value.name}: ${error}`));
    } catch (error) {
      // To a class that it does not have Kafka Connect answers as to a failure of its own, with a list of all it has.
      if (!(error instanceof ConnectError) || error.status === 0) throw error;
      if ((await this.plugins()).some((plugin) => isNamed(className, plugin))) throw error;
      return [`connector.class: there is no ${className}. SHOW CONNECTOR PLUGINS lists what there is.`];
    }
  }

  create(name: string, config: Config): Promise<ConnectorInfo> {
    return this.#request<ConnectorInfo>('POST', '/connectors', { name, config });
  }

  async drop(name: string): Promise<boolean> {
    return (await this.#ofConnector('DELETE', name)) !== undefined;
  }

  async list(): Promise<ListedConnector[]> {
    const found = await this.#request<Expanded>('GET', '/connectors?expand=info&expand=status');
    return Object.entries(found)
      .map(([name, { info, status }]) => ({ name, info: info ?? undefined, status: status ?? undefined }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async info(name: string): Promise<ConnectorInfo | undefined> {
    return (await this.#ofConnector<ConnectorInfo>('GET', name))?.body;
  }

  async status(name: string): Promise<ConnectorStatus | undefined> {
    return (await this.#ofConnector<ConnectorStatus>('GET', name, '/status'))?.body;
  }

  async topics(name: string): Promise<readonly string[] | undefined> {
    type Topics = Readonly<Record<string, { readonly topics: readonly string[] }>>;
    try {
      return (await this.#ofConnector<Topics>('GET', name, '/topics'))?.body[name]?.topics;
    } catch (error) {
      // KIP-558: 403 where tracking is off.
      if (error instanceof ConnectError && error.status === 403) return undefined;
      throw error;
    }
  }

  plugins(): Promise<readonly ConnectorPlugin[]> {
    return this.#request<readonly ConnectorPlugin[]>('GET', '/connector-plugins');
  }

  /** Undefined when there is none of that name. */
  async #ofConnector<Body>(method: Method, name: string, part = ''): Promise<Answer<Body> | undefined> {
    const path = `${pathOf(name)}${part}`;
    const answer = await this.#ask(method, path);
    if (answer.status !== 404) return answer as Answer<Body>;
    // While it starts, Kafka Connect answers so to everything.
    if ((answer.body as ErrorBody).message.includes(name)) return undefined;
    throw notFound(method, path, answer.body as ErrorBody);
  }

  /** Of what must be there. */
  async #request<Body>(method: Method, path: string, sent?: unknown): Promise<Body> {
    const { status, body } = await this.#ask(method, path, sent);
    if (status === 404) throw notFound(method, path, body as ErrorBody);
    return body as Body;
  }

  /** From the first worker that can be reached. A 404 is an answer, every other failure a ConnectError. */
  async #ask(method: Method, path: string, sent?: unknown): Promise<Answer<unknown>> {
    const tried: string[] = [];
    for (const url of this.#urls) {
      try {
        return await this.#askOne(method, url, path, sent);
      } catch (error) {
        if (error instanceof ConnectError) throw error;
        const { code, reason } = failureOf(error, this.#timeoutMs);
        if (!NOT_REACHED.has(code)) throw unanswered(method, url + path, reason);
        tried.push(`${url} (${reason})`);
      }
    }
    throw new ConnectError(`Kafka Connect was not reached at ${tried.join(', ')}. Is it running there?`, 0);
  }

  async #askOne(method: Method, url: string, path: string, sent: unknown): Promise<Answer<unknown>> {
    const response = await this.#fetch(url + path, {
      method,
      headers: { ...this.#headers, ...(sent !== undefined && { 'content-type': 'application/json' }) },
      ...(sent !== undefined && { body: JSON.stringify(sent) }),
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    const { status } = response;
    const text = await response.text();
    const body = jsonIn(text);
    if (response.ok && body !== NO_JSON) return { status, body };
    if (status === 404 && hasMessage(body)) return { status, body };
    // Kafka Connect's HTTP server, and what may stand before it, refuse in words of their own.
    if (hasMessage(body) || (status >= 400 && status < 500 && status !== 404))
      throw refusal(method, path, status, hasMessage(body) ? body.message : plainText(text));
    throw new ConnectError(
      `What answered ${method} ${url}${path} with status ${status} does not speak as Kafka Connect does. Is that its address?`,
      0,
    );
  }
}

/** By the class, its last part, or that without `Connector`. */
function isNamed(className: string, plugin: ConnectorPlugin): boolean {
  const simpleName = plugin.class.slice(plugin.class.lastIndexOf('.') + 1);
  return [plugin.class, simpleName, simpleName.replace(/Connector$/, '')].includes(className);
}

function pathOf(name: string): string {
  // In a URL these are no names, however they are written.
  if (name === '.' || name === '..')
    throw new ConnectError(`Kafka Connect cannot be asked about a connector of the name '${name}'.`, 400);
  return `/connectors/${encodeURIComponent(name)}`;
}

interface ErrorBody {
  readonly message: string;
}

const NO_JSON = Symbol('no JSON');

/** DELETE answers with nothing. */
function jsonIn(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return NO_JSON;
  }
}

function hasMessage(body: unknown): body is ErrorBody {
  return typeof (body as Partial<ErrorBody> | undefined)?.message === 'string';
}

function plainText(html: string): string {
  const text = html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
  return text.trim().slice(0, 200);
}

function refusal(method: Method, path: string, status: number, message: string): ConnectError {
  return new ConnectError(`Kafka Connect refused ${method} ${path} (${status}): ${message}`, status);
}

function notFound(method: Method, path: string, { message }: ErrorBody): ConnectError {
  const answered = `Kafka Connect answered ${method} ${path} with 404: ${message}`;
  return new ConnectError(`${answered}. Is it still starting?`, 0);
}

function unanswered(method: Method, url: string, reason: string): ConnectError {
  const changes = method === 'POST' || method === 'DELETE';
  const doubt = changes ? ' Whether it has done what it was asked is not known: SHOW CONNECTORS tells.' : '';
  return new ConnectError(`Kafka Connect did not answer ${method} ${url}: ${reason}.${doubt}`, 0);
}

function failureOf(error: unknown, timeoutMs: number): { readonly code: unknown; readonly reason: string } {
  const { name, message, cause } = error as Error & { cause?: Error & { code?: unknown } };
  if (name === 'TimeoutError')
    return { code: undefined, reason: `nothing within ${timeoutMs} ms (connectTimeoutMs)` };
  return { code: cause?.code, reason: cause?.message || String(cause?.code ?? message) };
}
