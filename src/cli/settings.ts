import { parseHostPort } from '../base/address.ts';
import { nearestOf } from '../sql/suggest.ts';
import { SettingsError } from './settings-error.ts';

const PREFIX = 'MILLRACE_';

interface Setting<Value> {
  /** Takes what a flag, the environment or a file says; throws with the reason when it cannot be. */
  readonly read: (value: unknown) => Value;
  readonly fallback: Value;
  /** Names of Apache Kafka's server.properties and ksql-server.properties that mean the same. */
  readonly aliases: readonly string[];
}

function setting<Value>(
  read: (value: unknown) => Value,
  fallback: NoInfer<Value>,
  aliases: readonly string[] = [],
): Setting<Value> {
  return { read, fallback, aliases };
}

function optional<Value>(
  read: (value: unknown) => Value,
  aliases: readonly string[] = [],
): Setting<Value | undefined> {
  return { read, fallback: undefined, aliases };
}

// By hand and not with a schema library: for these few kinds, zod was 95 of the 500 modules that a
// start reads and 10 MB of memory.
function text(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new SettingsError(`${JSON.stringify(value)} is not a text`);
}

/** Whether they can be opened is found by who opens them. */
function listeners(value: unknown): string {
  return list(value).map(listenerAddress).join(',');
}

function listenerAddress(value: string): string {
  const text = value.trim();
  try {
    parseHostPort(text.replace(/^[\w-]+:\/\//, ''));
  } catch {
    throw new SettingsError(`'${text}' is not HOST:PORT`);
  }
  return text;
}

function address(value: unknown): string {
  try {
    parseHostPort(text(value));
  } catch {
    throw new SettingsError(`'${value}' is not HOST:PORT`);
  }
  return text(value);
}

function addressOrOff(value: unknown): string {
  return value === 'off' || value === false ? 'off' : address(value);
}

function urls(value: unknown): string {
  return list(value).map(httpUrl).join(',');
}

function httpUrl(value: string): string {
  const url = value.trim();
  if (/^https?:\/\/./.test(url) && URL.canParse(url)) return url;
  // Not repeated in the message: it may hold a password.
  throw new SettingsError('it is not a URL like http://HOST:PORT');
}

function count(value: unknown): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 1) return number;
  throw new SettingsError(`${JSON.stringify(value)} is not a whole number of at least 1`);
}

function countOrZero(value: unknown): number {
  if (value === 0 || value === '0') return 0;
  try {
    return count(value);
  } catch {
    throw new SettingsError(`${JSON.stringify(value)} is not a whole number of at least 0`);
  }
}

function flag(value: unknown): boolean {
  return typeof value === 'boolean' ? value : oneOf('true', 'false')(value) === 'true';
}

function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(text) : text(value).split(',');
}

function userList(value: unknown): string {
  return users(value).join(',');
}

/** Not repeated in a message. */
function secret(value: unknown): string {
  if (typeof value === 'string' && value.indexOf(':') >= 1) return value;
  throw new SettingsError('it is not NAME:PASSWORD');
}

/** A list whose items are not repeated in a message. */
function secretList(value: unknown): string {
  const items = Array.isArray(value) ? value : [value];
  if (items.every((item) => typeof item === 'string' && item !== '')) return items.join(',');
  throw new SettingsError('it is not a text or a list of texts');
}

function users(value: unknown): readonly string[] {
  const given = list(value);
  // Not repeated in the message: it may hold a password.
  if (given.some((user) => user.indexOf(':') < 1))
    throw new SettingsError('each user is given as NAME:PASSWORD, several with commas between them');
  return given;
}

function userRoles(value: unknown): readonly string[] {
  const given = list(value);
  const wrong = given.find((text) => !/^.+:(reader|writer|developer|admin)$/.test(text));
  if (wrong === undefined) return given;
  throw new SettingsError(`'${wrong}' is not NAME:ROLE with the role reader, writer, developer or admin`);
}

function oneOf<const Word extends string>(...words: readonly Word[]): (value: unknown) => Word {
  return (value) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    throw new SettingsError(`${JSON.stringify(value)} is none of ${words.join(', ')}`);
  };
}

/**
 * Every setting of the server: a flag `--allow-origin`, an environment variable `MILLRACE_ALLOW_ORIGIN`, a line
 * `allowOrigin: ...` in the configuration file, or one of the aliases there.
 */
export const SETTINGS = {
  data: setting(text, './millrace-data', ['log.dirs', 'log.dir']),
  kafka: setting(listeners, '127.0.0.1:9092', ['listeners']),
  /** Of Kafka clients: PLAIN by these, SCRAM by those of `addScram`, which are kept and can be changed. */
  kafkaUsers: optional(userList),
  addScram: optional(secretList),
  http: setting(address, '127.0.0.1:8088'),
  registry: setting(addressOrOff, '127.0.0.1:8081'),
  /** A registry elsewhere, for SQL; then this server has none of its own. */
  schemaRegistryUrl: optional(urls, ['ksql.schema.registry.url', 'schema.registry.url']),
  schemaRegistryUser: optional(secret, [
    'ksql.schema.registry.basic.auth.user.info',
    'schema.registry.basic.auth.user.info',
  ]),
  /** Kafka Connect, for connector statements. */
  connectUrl: optional(urls, ['ksql.connect.url']),
  connectUser: optional(secret),
  connectTimeoutMs: optional(count, ['ksql.connect.request.timeout.ms']),
  sql: optional(text, ['ksql.queries.file']),
  /** Modules with functions for SQL. */
  functions: setting(list, []),
  serviceId: setting(text, 'default_', ['ksql.service.id']),
  users: setting(users, []),
  userRoles: optional(userRoles),
  allowOrigin: optional(text, ['access.control.allow.origin']),
  allowedHosts: optional(list),
  allowInsecure: setting(flag, false),
  logLevel: setting(oneOf('debug', 'info', 'warn', 'error'), 'info'),
  logFormat: setting(oneOf('text', 'json'), 'text'),
  /** Of Kafka clients. */
  maxConnections: optional(count, ['max.connections']),
  maxHttpConnections: setting(count, 10_000),
  maxBodyBytes: setting(count, 10 * 1024 * 1024),
  bodyTimeoutMs: setting(count, 30_000),
  maxPushQueries: setting(count, 1_000, ['ksql.max.push.queries']),
  /** How much may wait for the reader of a push query, and how long it may take nothing. */
  maxWaitingBytes: setting(count, 1024 * 1024),
  stallMs: setting(count, 60_000),
  /** Threads for queries; unless set, the processors but one. */
  workers: optional(countOrZero),
  workerHeapMb: optional(count),
  /** State of queries that a thread keeps in memory. */
  stateMemoryBytes: optional(count),
} as const;

type SettingName = keyof typeof SETTINGS;

export type Settings = {
  readonly [Name in SettingName]: ReturnType<(typeof SETTINGS)[Name]['read']>;
} & {
  /** Kafka's own names (`num.partitions`, `auto.create.topics.enable` ...), for the broker. */
  readonly brokerConfig: Readonly<Record<string, string>>;
  /** `ksql.*` and `ksql.streams.*`: in force where a statement says nothing. */
  readonly sqlProperties: Readonly<Record<string, string>>;
};

const NAME_OF = new Map<string, SettingName>();
for (const [name, { aliases }] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
  NAME_OF.set(name, name);
  for (const alias of aliases) NAME_OF.set(alias, name);
}

/** Flags win over the environment, the environment over the file. Throws SettingsError, one line. */
export function resolveSettings(sources: {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file: Readonly<Record<string, unknown>>;
}): Settings {
  const { values, brokerConfig, sqlProperties } = fromFile(sources.file);
  const environment = fromEnvironment(sources.environment);
  const flags = defined(sources.flags);
  const given: Record<string, unknown> = { ...values, ...environment, ...flags };
  const asWritten = (name: string): string => {
    if (name in flags) return flagOf(name);
    return name in environment ? variableOf(name) : name;
  };
  const settings: Record<string, unknown> = { brokerConfig, sqlProperties };
  for (const [name, { read, fallback }] of Object.entries(SETTINGS)) {
    const value = given[name] === undefined ? fallback : reading(asWritten(name), read, given[name]);
    if (value !== undefined) settings[name] = value;
  }
  return settings as Settings;
}

function reading(name: string, read: (value: unknown) => unknown, value: unknown): unknown {
  try {
    return read(value);
  } catch (error) {
    throw new SettingsError(`${name}: ${(error as Error).message}`);
  }
}

function fromFile(file: Readonly<Record<string, unknown>>) {
  const values: Record<string, unknown> = {};
  const brokerConfig: Record<string, string> = {};
  const sqlProperties: Record<string, string> = {};
  for (const [name, value] of Object.entries(file)) {
    const known = NAME_OF.get(name);
    if (name === 'listeners' && isUrl(value)) values.http = addressOfUrl(value);
    else if (known) values[known] = value;
    else if (name.startsWith('ksql.')) sqlProperties[name] = String(value);
    else if (name.includes('.')) brokerConfig[name] = String(value);
    else throw new SettingsError(`unknown setting '${name}'${meant(name, Object.keys(SETTINGS))}`);
  }
  return { values, brokerConfig, sqlProperties };
}

/** Kafka's file and ksqlDB's both have `listeners`; ksqlDB's are URLs. */
function isUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\//i.test(value);
}

function addressOfUrl(url: string): string {
  const [, scheme = '', hostPort = ''] = /^(\w+):\/\/([^/,]*)\/?$/.exec(url) ?? [];
  if (scheme.toLowerCase() === 'http') return hostPort;
  throw new SettingsError(
    `listeners: '${url}' is not one address http://HOST:PORT; TLS in front of it is for a proxy to end`,
  );
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(SETTINGS)) {
    const value = environment[variableOf(name)];
    if (value !== undefined && value !== '') values[name] = value;
  }
  return values;
}

/** Variables that are no setting but nearly one, with the one that was meant: somebody believes them to be in force. */
export function mistypedVariables(
  environment: Readonly<Record<string, string | undefined>>,
): readonly { readonly name: string; readonly meant: string }[] {
  const known = new Set(Object.keys(SETTINGS).map(variableOf));
  const bare = (name: string) => name.slice(PREFIX.length);
  return Object.keys(environment).flatMap((name) => {
    if (!name.startsWith(PREFIX) || known.has(name)) return [];
    const nearest = nearestOf(bare(name), [...known].map(bare));
    return nearest === undefined ? [] : [{ name, meant: PREFIX + nearest }];
  });
}

function meant(name: string, known: readonly string[]): string {
  const nearest = nearestOf(name, known);
  return nearest === undefined ? `; known are ${known.join(', ')}` : `; did you mean ${nearest}?`;
}

/** `allowOrigin` -> `MILLRACE_ALLOW_ORIGIN` */
export function variableOf(name: string): string {
  return `${PREFIX}${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/** `allowOrigin` -> `--allow-origin` */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, '-$&').toLowerCase()}`;
}

function defined(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => value !== undefined && name in SETTINGS),
  );
}
