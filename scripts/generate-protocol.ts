// Writes src/protocol/messages.gen.ts: the facts of Kafka's message definitions (names, types, versions,
// nullability, defaults, tags) as a table and as TypeScript types. The definitions are JSON files with
// comments inside Kafka's released jars; none of their prose is taken over.
//
//   node scripts/generate-protocol.ts [jar ...]     (default: the 4.1.0 jars in ~/.m2)
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename } from 'node:path';
import type {
  FieldDefinition,
  FieldType,
  MessageDefinition,
  MessageKind,
} from '../src/protocol/definition.ts';

const KAFKA_VERSION = '4.1.0';
const ARTIFACTS = [
  'kafka-clients',
  'kafka-group-coordinator',
  'kafka-share-coordinator',
  'kafka-transaction-coordinator',
];
const TARGET = new URL('../src/protocol/messages.gen.ts', import.meta.url);

/** APIs only brokers and controllers speak, or that have no versions left: not part of a client's protocol. */
const NOT_FOR_CLIENTS = new Set([
  4, 5, 6, 7, 52, 53, 54, 56, 58, 59, 62, 63, 67, 70, 73, 82, 83, 84, 85, 86, 87,
]);
/** Payloads inside JoinGroup and SyncGroup, which the server may look into. */
const DATA_MESSAGES = new Set(['ConsumerProtocolSubscription', 'ConsumerProtocolAssignment']);

const KINDS: Record<string, MessageKind> = {
  request: 'request',
  response: 'response',
  'coordinator-key': 'recordKey',
  'coordinator-value': 'recordValue',
  data: 'data',
};

interface SourceField {
  name: string;
  type: string;
  versions?: string;
  nullableVersions?: string;
  taggedVersions?: string;
  flexibleVersions?: string;
  tag?: number;
  default?: string | number | boolean | null;
  fields?: SourceField[];
}

interface SourceMessage {
  apiKey?: number;
  type: string;
  name: string;
  validVersions: string;
  flexibleVersions?: string;
  latestVersionUnstable?: boolean;
  fields?: SourceField[];
  commonStructs?: SourceField[];
}

function readDefinitions(jar: string): SourceMessage[] {
  const unzip = (...args: string[]) => execFileSync('unzip', args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  const names = unzip('-Z1', jar)
    .split('\n')
    .filter((name) => /^common\/message\/\w+\.json$/.test(name));
  return names.map((name) => {
    const source = unzip('-p', jar, name);
    // A comment starts at `//` outside a string.
    const json = source.replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*/g, (_, text?: string) => text ?? '');
    return JSON.parse(json) as SourceMessage;
  });
}

/** `4-18`, `7`, `12+`; `none` is an empty range. */
function range(text: string): [first: number, last: number] {
  if (text === 'none') return [Number.POSITIVE_INFINITY, -1];
  const [, first, more, last] = /^(\d+)(\+|-(\d+))?$/.exec(text) ?? [];
  if (first === undefined) throw new Error(`version range ${text}`);
  return [Number(first), more === '+' ? Number.POSITIVE_INFINITY : Number(last ?? first)];
}

function parseDefault(field: SourceField, type: FieldType): FieldDefinition['default'] {
  const text = field.default;
  if (text === undefined) return undefined;
  if (text === null || (text === 'null' && field.nullableVersions !== undefined)) return null;
  if (type === 'bool') return String(text).toLowerCase() === 'true';
  if (type === 'string') return String(text);
  const value = Number(text);
  // Long.MAX stands for "unknown": the largest exact number stands for Long.MAX.
  return Math.min(value, Number.MAX_SAFE_INTEGER);
}

function convertField(field: SourceField, message: SourceMessage): FieldDefinition | null {
  const [first, last] = range(message.validVersions);
  const [since, until] = range(field.versions ?? field.taggedVersions ?? message.validVersions);
  if (since > last || until < first) return null;
  const name = (field.name[0] as string).toLowerCase() + field.name.slice(1);
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) throw new Error(`field name ${name}`);
  const array = field.type.startsWith('[]');
  const element = array ? field.type.slice(2) : field.type;
  const nested = field.fields ?? message.commonStructs?.find((struct) => struct.name === element)?.fields;
  if (nested === undefined && /^[A-Z]/.test(element)) throw new Error(`${message.name}.${name}: ${element}`);
  const type = nested === undefined ? (element as FieldType) : 'struct';
  const [nullableSince, nullableUntil] = range(field.nullableVersions ?? 'none');
  const nullable = nullableSince <= Math.min(last, until) && nullableUntil >= Math.max(first, since);
  if (nullable && nullableUntil < Math.min(last, until)) throw new Error(`${message.name}.${name}: nullable`);
  if (field.tag !== undefined && range(field.taggedVersions ?? 'none')[0] > Math.max(first, since))
    throw new Error(`${message.name}.${name}: tagged in a part of its versions`);
  if (field.tag !== undefined && type === 'records')
    throw new Error(`${message.name}.${name}: tagged records`);
  const fallback = parseDefault(field, type);
  return {
    name,
    type,
    ...(array && { array: true }),
    ...(since > first && { since }),
    ...(until < last && { until }),
    ...(nullable && { nullableSince }),
    ...(field.tag !== undefined && { tag: field.tag }),
    ...(fallback !== undefined && { default: fallback }),
    ...(field.flexibleVersions === 'none' && { neverCompact: true }),
    ...(nested !== undefined && { fields: convertFields(nested, message) }),
  };
}

function convertFields(fields: readonly SourceField[], message: SourceMessage): FieldDefinition[] {
  return fields.map((field) => convertField(field, message)).filter((field) => field !== null);
}

function convert(message: SourceMessage): MessageDefinition {
  const [first, last] = range(message.validVersions);
  const [flexibleSince] = range(message.flexibleVersions ?? 'none');
  return {
    kind: KINDS[message.type] as MessageKind,
    key: message.apiKey ?? -1,
    versions: [first, last],
    ...(message.latestVersionUnstable === true && { lastUnstable: true }),
    ...(flexibleSince <= last && { flexibleSince }),
    fields: convertFields(message.fields ?? [], message),
  };
}

function isWanted(message: SourceMessage): boolean {
  if (message.validVersions === 'none') return false;
  if (message.type === 'request' || message.type === 'response')
    return !NOT_FOR_CLIENTS.has(message.apiKey as number);
  return message.type.startsWith('coordinator-') || DATA_MESSAGES.has(message.name);
}

const TYPES: Record<Exclude<FieldType, 'struct'>, string> = {
  bool: 'boolean',
  int8: 'number',
  int16: 'number',
  uint16: 'number',
  int32: 'number',
  int64: 'number',
  float64: 'number',
  string: 'string',
  uuid: 'string',
  bytes: 'Buffer',
  records: 'Buffer',
};

function typeOf(field: FieldDefinition, indent: string): string {
  const single = field.type === 'struct' ? structType(field.fields ?? [], indent) : TYPES[field.type];
  return `${field.array ? `readonly ${single}[]` : single}${field.nullableSince === undefined ? '' : ' | null'}`;
}

function structType(fields: readonly FieldDefinition[], indent: string): string {
  const lines = fields.map(
    (field) => `${indent}  readonly ${field.name}: ${typeOf(field, `${indent}  `)};\n`,
  );
  return `{\n${lines.join('')}${indent}}`;
}

function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{ ${Object.entries(value)
    .map(([name, each]) => `${name}: ${literal(each)}`)
    .join(', ')} }`;
}

function fieldLines(fields: readonly FieldDefinition[], indent: string): string {
  return fields
    .map(({ fields: nested, ...facts }) => {
      if (nested === undefined) return `${indent}${literal(facts)},\n`;
      return `${indent}${literal(facts).slice(0, -2)}, fields: [\n${fieldLines(nested, `${indent}  `)}${indent}] },\n`;
    })
    .join('');
}

function tableEntry(name: string, { fields, ...facts }: MessageDefinition): string {
  if (fields.length === 0) return `  ${name}: ${literal({ ...facts, fields })},\n`;
  return `  ${name}: ${literal(facts).slice(0, -2)}, fields: [\n${fieldLines(fields, '    ')}  ] },\n`;
}

function typeMap(name: string, comment: string, entries: readonly (readonly [string, string])[]): string {
  return `/** ${comment} */\nexport interface ${name} {\n${entries.map(([key, type]) => `  ${key}: ${type};\n`).join('')}}\n\n`;
}

const jars = process.argv.slice(2);
if (jars.length === 0) {
  for (const artifact of ARTIFACTS)
    jars.push(
      `${homedir()}/.m2/repository/org/apache/kafka/${artifact}/${KAFKA_VERSION}/${artifact}-${KAFKA_VERSION}.jar`,
    );
}
const order: readonly MessageKind[] = ['request', 'response', 'recordKey', 'recordValue', 'data'];
const messages = jars
  .flatMap(readDefinitions)
  .filter(isWanted)
  .map((source) => [source.name, convert(source)] as const)
  .sort(
    ([nameA, a], [nameB, b]) =>
      order.indexOf(a.kind) - order.indexOf(b.kind) || a.key - b.key || (nameA < nameB ? -1 : 1),
  );
const ofKind = (...kinds: MessageKind[]) => messages.filter(([, { kind }]) => kinds.includes(kind));
const suffix = { request: 'Request', response: 'Response' } as const;
const byApi = (kind: 'request' | 'response') =>
  ofKind(kind).map(([name]) => [name.slice(0, -suffix[kind].length), name] as const);

const text = `// Generated by scripts/generate-protocol.ts from the message definitions in
${jars.map((jar) => `//   ${basename(jar)}\n`).join('')}// Apache Kafka, Apache License 2.0. Do not edit.
import type { Buffer } from 'node:buffer';
import type { MessageDefinition } from './definition.ts';

${messages.map(([name, { fields }]) => `export interface ${name} ${structType(fields, '')}\n`).join('\n')}
${typeMap('Requests', 'Request body of each API.', byApi('request'))}${typeMap('Responses', 'Response body of each API.', byApi('response'))}${typeMap(
  'RecordKeys',
  'Keys of coordinator records.',
  ofKind('recordKey').map(([name]) => [name, name]),
)}${typeMap(
  'RecordValues',
  'Values of coordinator records, and other data that carries its version in front.',
  ofKind('recordValue', 'data').map(([name]) => [name, name]),
)}export type ApiName = keyof Requests & keyof Responses;
export type MessageName = \`\${ApiName}Request\` | \`\${ApiName}Response\` | keyof RecordKeys | keyof RecordValues;

export const API_KEYS: Readonly<Record<ApiName, number>> = {
${ofKind('request')
  .map(([name, { key }]) => `  ${name.slice(0, -'Request'.length)}: ${key},\n`)
  .join('')}};

export const MESSAGES: Readonly<Record<MessageName, MessageDefinition>> = {
${messages.map(([name, message]) => tableEntry(name, message)).join('')}};
`;
writeFileSync(TARGET, text);
console.log(`${messages.length} messages, ${text.length} characters`);
