import { z } from 'zod';
import { parseHostPort } from '../base/address.ts';
import { SettingsError } from './settings-error.ts';

const address = z.string().refine(isAddress, { error: ({ input }) => `'${input}' is not HOST:PORT` });
const count = z.coerce.number().int().min(1);
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

interface Setting {
  readonly schema: z.ZodType;
  /** Names of Apache Kafka's server.properties and ksql-server.properties that mean the same. */
  readonly aliases?: readonly string[];
}

/**
 * Every setting of the server: a flag `--sql-file`, an environment variable `MILLRACE_SQL_FILE`, a line
 * `sqlFile: ...` in the configuration file, or one of the aliases there.
 */
export const SETTINGS = {
  data: { schema: z.string().min(1).default('./millrace-data'), aliases: ['log.dirs', 'log.dir'] },
  kafka: { schema: address.default('127.0.0.1:9092'), aliases: ['listeners'] },
  http: { schema: address.default('127.0.0.1:8088') },
  sql: { schema: z.string().min(1).optional(), aliases: ['ksql.queries.file'] },
  serviceId: { schema: z.string().min(1).default('default_'), aliases: ['ksql.service.id'] },
  users: {
    schema: z.union([z.array(z.string()), z.string().transform((text) => text.split(','))]).default([]),
  },
  allowOrigin: { schema: z.string().min(1).optional(), aliases: ['access.control.allow.origin'] },
  allowInsecure: { schema: flag.default(false) },
  logLevel: { schema: z.enum(['debug', 'info', 'warn', 'error']).default('info') },
  logFormat: { schema: z.enum(['text', 'json']).default('text') },
  /** Of Kafka clients. */
  maxConnections: { schema: count.optional(), aliases: ['max.connections'] },
  maxHttpConnections: { schema: count.default(10_000) },
  maxBodyBytes: { schema: count.default(10 * 1024 * 1024) },
  bodyTimeoutMs: { schema: count.default(30_000) },
  maxPushQueries: { schema: count.default(1_000), aliases: ['ksql.max.push.queries'] },
  /** How much may wait for the reader of a push query, and how long it may take nothing. */
  maxWaitingBytes: { schema: count.default(1024 * 1024) },
  stallMs: { schema: count.default(60_000) },
} satisfies Record<string, Setting>;

type SettingName = keyof typeof SETTINGS;

const schemas = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, setting]) => [name, setting.schema]),
) as { readonly [Name in SettingName]: (typeof SETTINGS)[Name]['schema'] };

const schema = z.strictObject({
  ...schemas,
  /** Kafka's own names (`num.partitions`, `auto.create.topics.enable` ...), for the broker. */
  brokerConfig: z.record(z.string(), z.string()).default({}),
  /** `ksql.*` and `ksql.streams.*`: in force where a statement says nothing. */
  sqlProperties: z.record(z.string(), z.string()).default({}),
});

export type Settings = z.infer<typeof schema>;

const NAME_OF = new Map<string, SettingName>();
for (const [name, setting] of Object.entries(SETTINGS) as [SettingName, Setting][]) {
  NAME_OF.set(name, name);
  for (const alias of setting.aliases ?? []) NAME_OF.set(alias, name);
}

/** Flags win over the environment, the environment over the file. Throws SettingsError, one line. */
export function resolveSettings(sources: {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file: Readonly<Record<string, unknown>>;
}): Settings {
  const values: Record<string, unknown> = {
    ...fromFile(sources.file),
    ...fromEnvironment(sources.environment),
    ...defined(sources.flags),
  };
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.');
  throw new SettingsError(where ? `${where}: ${issue?.message}` : (issue?.message ?? 'bad settings'));
}

function fromFile(file: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const brokerConfig: Record<string, string> = {};
  const sqlProperties: Record<string, string> = {};
  for (const [name, value] of Object.entries(file)) {
    const known = NAME_OF.get(name);
    if (known) values[known] = value;
    else if (name.startsWith('ksql.')) sqlProperties[name] = String(value);
    else if (name.includes('.')) brokerConfig[name] = String(value);
    else throw new SettingsError(`unknown setting '${name}'; known are ${Object.keys(SETTINGS).join(', ')}`);
  }
  return { ...values, brokerConfig, sqlProperties };
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(SETTINGS)) {
    const value = environment[variableOf(name)];
    if (value !== undefined && value !== '') values[name] = value;
  }
  return values;
}

/** `allowOrigin` -> `MILLRACE_ALLOW_ORIGIN` */
export function variableOf(name: string): string {
  return `MILLRACE_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;
}

function defined(flags: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(flags).filter(([name, value]) => value !== undefined && name in SETTINGS),
  );
}

function isAddress(text: string): boolean {
  try {
    parseHostPort(text);
    return true;
  } catch {
    return false;
  }
}
