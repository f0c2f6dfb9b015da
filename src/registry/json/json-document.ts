import { isJsonObject, parseExactJson } from '../../serde/exact-json.ts';
import type { ReferencedText } from '../parsed-schema.ts';
import { isAnnotation } from './json-keywords.ts';

/** A schema: an object of keywords, or true and false, which everything and nothing fits. */
export type JsonNode = boolean | Readonly<Record<string, unknown>>;

/** A node and the text it stands in, which its references are relative to. */
export interface Place {
  readonly node: JsonNode;
  readonly document: JsonDocument;
}

const META_SCHEMA = /^https?:\/\/json-schema\.org\/(draft-|draft\/|schema)/;

/** One text with those that it refers to by name. */
export class JsonDocument {
  readonly root: JsonNode;
  /** From draft 2019-09 on, what stands beside a `$ref` counts. */
  readonly readsSiblings: boolean;
  readonly #others: ReadonlyMap<string, JsonDocument>;
  /** Places with an `$id` or an anchor of their own. */
  readonly #named = new Map<string, JsonNode>();
  readonly #baseUri: string;

  private constructor(root: JsonNode, others: ReadonlyMap<string, JsonDocument>) {
    this.root = root;
    const draft = isJsonObject(root) ? String(root.$schema ?? '') : '';
    this.readsSiblings = /draft\/20/.test(draft);
    this.#others = others;
    this.#baseUri = isJsonObject(root) ? String(root.$id ?? root.id ?? '') : '';
    walk(root, (node) => {
      for (const name of ['$id', 'id']) if (typeof node[name] === 'string') this.#named.set(node[name], node);
      for (const name of ['$anchor', '$dynamicAnchor'])
        if (typeof node[name] === 'string') this.#named.set(`#${node[name]}`, node);
    });
  }

  /** Throws an Error when the text is no schema, or refers to what is not there. */
  static parse(text: string, references: readonly ReferencedText[]): JsonDocument {
    const others = new Map<string, JsonDocument>();
    for (const { name, schema } of references) others.set(name, new JsonDocument(parseNode(schema), others));
    const document = new JsonDocument(parseNode(text), others);
    document.#checkReferences();
    return document;
  }

  get place(): Place {
    return { node: this.root, document: this };
  }

  /** What `$ref` says; undefined for a schema of JSON Schema itself, which nothing is known of here. */
  resolve(reference: string): Place | undefined {
    const [uri = '', fragment = ''] = splitOnce(reference, '#');
    const document = uri === '' || uri === this.#baseUri ? this : this.#other(uri);
    if (!document) {
      const named = this.#named.get(uri) ?? this.#named.get(relativeTo(this.#baseUri, uri));
      if (named) return { node: at(named, fragment) ?? missing(reference), document: this };
      if (META_SCHEMA.test(reference)) return undefined;
      return missing(reference);
    }
    const named = document.#named.get(`#${fragment}`);
    return { node: named ?? at(document.root, fragment) ?? missing(reference), document };
  }

  #other(uri: string): JsonDocument | undefined {
    const found = this.#others.get(uri) ?? this.#others.get(relativeTo(this.#baseUri, uri));
    return (
      found ?? [...this.#others.values()].find((other) => other.#baseUri !== '' && other.#baseUri === uri)
    );
  }

  #checkReferences(): void {
    walk(this.root, (node) => {
      if (typeof node.$ref === 'string') this.resolve(node.$ref);
    });
  }
}

/** Through any number of references; undefined where they go round in a circle or lead out of what is known. */
export function dereferenced(place: Place): Place | undefined {
  const seen = new Set<JsonNode>();
  let current = place;
  while (isJsonObject(current.node) && typeof current.node.$ref === 'string') {
    if (seen.has(current.node)) return undefined;
    seen.add(current.node);
    const split = current.document.readsSiblings ? withSiblings(current.node) : undefined;
    if (split) return { node: split, document: current.document };
    const next = current.document.resolve(current.node.$ref);
    if (!next) return undefined;
    current = next;
  }
  return current;
}

/** A reference and what stands beside it as two parts; undefined where nothing does. The same object each time. */
function withSiblings(node: Readonly<Record<string, unknown>>): JsonNode | undefined {
  const { $ref, ...siblings } = node;
  if (Object.keys(siblings).every(isAnnotation)) return undefined;
  const known = SPLIT.get(node);
  const split = known ?? { allOf: [{ $ref }, siblings] };
  if (!known) SPLIT.set(node, split);
  return split;
}
const SPLIT = new WeakMap<object, Readonly<Record<string, unknown>>>();

function missing(reference: string): never {
  throw new Error(`nothing is found at the reference "${reference}"`);
}

/** RFC 6901 within a URI fragment. */
function at(root: JsonNode, pointer: string): JsonNode | undefined {
  if (pointer === '') return root;
  let current: unknown = root;
  for (const part of pointer.replace(/^\//, '').split('/')) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    current =
      Array.isArray(current) || isJsonObject(current)
        ? (current as Record<string, unknown>)[name]
        : undefined;
  }
  return isJsonObject(current) || typeof current === 'boolean' ? current : undefined;
}

function relativeTo(base: string, uri: string): string {
  try {
    return new URL(uri, base).href;
  } catch {
    return uri;
  }
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}

const ONE = [
  'additionalItems',
  'additionalProperties',
  'contains',
  'else',
  'if',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const MAPS = ['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties'];
const COUNTS = ['maxItems', 'maxLength', 'maxProperties', 'minItems', 'minLength', 'minProperties'];
const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'];

function parseNode(text: string): JsonNode {
  const node = parseExactJson(text);
  check(node, '#');
  return node as JsonNode;
}

/** That every keyword which leads to other schemas, or counts, has the form it must have. */
function check(node: unknown, path: string): void {
  if (typeof node === 'boolean') return;
  if (!isJsonObject(node))
    throw new Error(`'${path}' is no schema: it is neither an object nor true or false`);
  checkType(node.type, path);
  if (node.enum !== undefined && !Array.isArray(node.enum)) throw new Error(`'${path}/enum' is not a list`);
  if (Array.isArray(node.required) && !node.required.every((name) => typeof name === 'string'))
    throw new Error(`'${path}/required' is not a list of names`);
  for (const name of COUNTS)
    if (node[name] !== undefined && !(Number(JSON.stringify(node[name])) >= 0))
      throw new Error(`'${path}/${name}' is not a count`);
  if (typeof node.pattern === 'string') checkPattern(node.pattern, `${path}/pattern`);
  for (const name of Object.keys(isJsonObject(node.patternProperties) ? node.patternProperties : {}))
    checkPattern(name, `${path}/patternProperties`);
  for (const [name, child] of childrenOf(node)) check(child, `${path}/${name}`);
}

function checkType(type: unknown, path: string): void {
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const unknown = types.find((name) => !TYPES.includes(name as string));
  if (unknown !== undefined)
    throw new Error(`'${path}/type' is ${JSON.stringify(unknown)}, which is no type`);
}

function checkPattern(pattern: string, path: string): void {
  try {
    new RegExp(pattern);
  } catch {
    throw new Error(`'${path}' has ${JSON.stringify(pattern)}, which is no regular expression`);
  }
}

function walk(node: unknown, visit: (node: Readonly<Record<string, unknown>>) => void): void {
  if (!isJsonObject(node)) return;
  visit(node);
  for (const [, child] of childrenOf(node)) walk(child, visit);
}

function* childrenOf(node: Readonly<Record<string, unknown>>): Generator<readonly [string, unknown]> {
  for (const name of ONE) if (node[name] !== undefined) yield [name, node[name]];
  for (const name of LISTS) {
    const list = node[name];
    if (list === undefined) continue;
    if (!Array.isArray(list)) throw new Error(`"${name}" is not a list of schemas`);
    for (const [index, child] of list.entries()) yield [`${name}/${index}`, child];
  }
  for (const name of MAPS) {
    const map = node[name];
    if (map === undefined) continue;
    if (!isJsonObject(map)) throw new Error(`"${name}" is not an object of schemas`);
    for (const [key, child] of Object.entries(map)) yield [`${name}/${key}`, child];
  }
  if (Array.isArray(node.items))
    for (const [index, child] of node.items.entries()) yield [`items/${index}`, child];
  else if (node.items !== undefined) yield ['items', node.items];
  for (const [key, child] of Object.entries(isJsonObject(node.dependencies) ? node.dependencies : {}))
    if (!Array.isArray(child)) yield [`dependencies/${key}`, child];
}
