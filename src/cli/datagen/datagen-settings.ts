import { type HostPort, parseHostPort } from '../../base/address.ts';
import { parseProperties, readText } from '../config-file.ts';
import { SettingsError } from '../settings-error.ts';
import { type KafkaSecurity, kafkaSecurity } from './kafka-security.ts';
import { QUICKSTARTS } from './quickstarts.ts';
import type { RecordSettings } from './record-maker.ts';

export interface DatagenSettings extends RecordSettings {
  readonly bootstrap: readonly HostPort[];
  readonly security: KafkaSecurity;
  readonly registryUrl: string;
  readonly registryUser: string | undefined;
  /** Records of each thread. */
  readonly iterations: number;
  /** Records a second of all threads; undefined: as fast as they are taken. */
  readonly msgRate: number | undefined;
  /** Instead of a rate: a pause of at most so long before each record. */
  readonly maxIntervalMs: number | undefined;
  readonly threads: number;
  readonly printRows: boolean;
  readonly seed: number | undefined;
}

/** What may be given, as `--name value`, `name=value` or `--name=value`, with what it is. */
export const DATAGEN_OPTIONS = {
  quickstart: ['name', `one of ${Object.keys(QUICKSTARTS).join(', ')}`],
  schema: ['file', 'or an Avro schema of a record, with arg.properties'],
  topic: ['name', "the quickstart's own, or the schema's file name"],
  key: ['field', "the field to be the key too (the quickstart's; none)"],
  keyFormat: ['format', 'as in SQL (KAFKA)'],
  valueFormat: ['format', 'as in SQL (JSON)'],
  format: ['format', 'the same'],
  keyDelimiter: ['character', 'of DELIMITED keys'],
  valueDelimiter: ['character', 'of DELIMITED values'],
  'bootstrap-server': ['host:port,...', 'Kafka brokers (127.0.0.1:9092)'],
  propertiesFile: ['file', 'properties of a Kafka client, for TLS and SASL'],
  schemaRegistryUrl: ['url', 'for AVRO, JSON_SR and PROTOBUF (http://127.0.0.1:8081)'],
  schemaRegistryUser: ['name:password', 'for that one'],
  iterations: ['count', 'records of each thread (1000000)'],
  msgRate: ['count', 'records a second (as fast as possible)'],
  maxInterval: ['milliseconds', 'or a random pause below this before each record'],
  nThreads: ['count', 'generators at a time, each with data of its own (1)'],
  printRows: ['true|false', 'print each record (false)'],
  seed: ['number', 'the same number gives the same records'],
} as const satisfies Readonly<Record<string, readonly [value: string, description: string]>>;

export type DatagenOption = keyof typeof DATAGEN_OPTIONS;
export type GivenOptions = Readonly<Partial<Record<DatagenOption, string>>>;

/** Adds `name=value` words to what flags said. Names in any case, with or without dashes. */
export function withWords(flags: GivenOptions, words: readonly string[]): GivenOptions {
  const given: Partial<Record<DatagenOption, string>> = { ...flags };
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1) throw new SettingsError(`'${word}' is no option: they are given as name=value`);
    const name = word.slice(0, at);
    const option = (Object.keys(DATAGEN_OPTIONS) as DatagenOption[]).find((one) => bare(one) === bare(name));
    if (!option)
      throw new SettingsError(`there is no option ${name}, only ${Object.keys(DATAGEN_OPTIONS).join(', ')}`);
    given[option] = word.slice(at + 1);
  }
  return given;
}

/** Throws SettingsError for what cannot be. */
export function datagenSettings(given: GivenOptions): DatagenSettings {
  const msgRate = given.msgRate === '-1' ? undefined : optional(given, 'msgRate', 1);
  return {
    ...source(given),
    keyFormat: given.keyFormat ?? 'KAFKA',
    keyDelimiter: given.keyDelimiter,
    valueFormat: given.valueFormat ?? given.format ?? 'JSON',
    valueDelimiter: given.valueDelimiter,
    bootstrap: (given['bootstrap-server'] ?? '127.0.0.1:9092').split(',').map(address),
    security: kafkaSecurity(given.propertiesFile ? parseProperties(readText(given.propertiesFile)) : {}),
    registryUrl: given.schemaRegistryUrl ?? 'http://127.0.0.1:8081',
    registryUser: given.schemaRegistryUser,
    iterations: optional(given, 'iterations', 0) ?? 1_000_000,
    msgRate,
    maxIntervalMs: optional(given, 'maxInterval', 0),
    threads: optional(given, 'nThreads', 1) ?? 1,
    printRows: isTrue(given, 'printRows'),
    seed: optional(given, 'seed', 0),
  };
}

function source({
  quickstart,
  schema,
  topic,
  key,
}: GivenOptions): Pick<DatagenSettings, 'topic' | 'key' | 'schemaText'> {
  if (quickstart !== undefined && schema !== undefined)
    throw new SettingsError('give a quickstart or a schema, not both');
  if (schema !== undefined) {
    const fileName = schema.replace(/^.*[\\/]/, '').replace(/\.[^.]*$/, '');
    return { topic: topic ?? fileName, key, schemaText: readText(schema) };
  }
  const names = Object.keys(QUICKSTARTS).join(', ');
  if (quickstart === undefined)
    throw new SettingsError(`say what to make: schema=FILE, or quickstart= one of ${names}`);
  const found = Object.hasOwn(QUICKSTARTS, quickstart.toLowerCase())
    ? QUICKSTARTS[quickstart.toLowerCase()]
    : undefined;
  if (!found) throw new SettingsError(`there is no quickstart '${quickstart}', only ${names}`);
  return { topic: topic ?? found.topic, key: key ?? found.key, schemaText: JSON.stringify(found.schema) };
}

function optional(given: GivenOptions, name: DatagenOption, least: number): number | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least || text === '')
    throw new SettingsError(`${name} must be a whole number from ${least} on, not '${text}'`);
  return value;
}

function isTrue(given: GivenOptions, name: DatagenOption): boolean {
  const text = given[name]?.toLowerCase() ?? 'false';
  if (text !== 'true' && text !== 'false')
    throw new SettingsError(`${name} must be true or false, not '${given[name]}'`);
  return text === 'true';
}

function address(text: string): HostPort {
  try {
    return parseHostPort(text);
  } catch (error) {
    throw new SettingsError(`bootstrap-server: ${(error as Error).message}`);
  }
}

function bare(name: string): string {
  return name.replaceAll('-', '').toLowerCase();
}
