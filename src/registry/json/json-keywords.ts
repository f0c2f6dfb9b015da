import { isJsonObject, numberIn, sortedJson } from '../../serde/exact-json.ts';
import type { Incompatibility } from '../parsed-schema.ts';
import type { JsonNode, Place } from './json-document.ts';

/** Keywords that restrict nothing. */
const ANNOTATIONS = new Set([
  ...['$schema', '$id', 'id', '$anchor', '$dynamicAnchor', '$comment', '$defs', 'definitions', '$vocabulary'],
  ...['title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly', 'format'],
  ...['contentEncoding', 'contentMediaType', 'contentSchema'],
]);

export function isAnnotation(keyword: string): boolean {
  return ANNOTATIONS.has(keyword);
}

export type JsonType = 'null' | 'boolean' | 'object' | 'array' | 'number' | 'integer' | 'string';

const ALL: readonly JsonType[] = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'];

/** The keywords of one plain schema, whatever the draft, in the form that is compared. */
export interface Keywords {
  readonly place: Place;
  readonly node: Readonly<Record<string, unknown>>;
  /** Those a document may have, also when an enum alone says so; `number` includes `integer`. */
  readonly types: ReadonlySet<JsonType>;
  /** The only values there are, each as sorted JSON; undefined when there are others. */
  readonly values: ReadonlySet<string> | undefined;
}

export function keywordsOf(place: Place): Keywords {
  const node = isJsonObject(place.node) ? place.node : {};
  const list = 'const' in node ? [node.const] : Array.isArray(node.enum) ? node.enum : undefined;
  const values = list && new Set(list.map(sortedJson));
  return { place, node, types: typesOf(node.type, list), values };
}

function typesOf(type: unknown, values: readonly unknown[] | undefined): ReadonlySet<JsonType> {
  const named = type === undefined ? undefined : new Set((Array.isArray(type) ? type : [type]) as JsonType[]);
  if (named?.has('number')) named.add('integer');
  if (named) return named;
  return new Set(values ? values.flatMap(typesOfValue) : ALL);
}

function typesOfValue(value: unknown): JsonType[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  const number = numberIn(value);
  if (number !== undefined) return Number.isInteger(number) ? ['integer'] : ['number', 'integer'];
  return [typeof value as JsonType];
}

export function numberOf({ node }: Keywords, name: string): number | undefined {
  return numberIn(node[name]);
}

export function child({ place }: Keywords, node: unknown): Place {
  return { node: node as JsonNode, document: place.document };
}

export function mapOf({ node }: Keywords, name: string): Readonly<Record<string, JsonNode>> {
  const value = node[name];
  return isJsonObject(value) ? (value as Record<string, JsonNode>) : {};
}

export function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? (value as string[]) : [];
}

export function fault(rule: string, path: string, reason: string): Incompatibility {
  return { rule, path, reason };
}
