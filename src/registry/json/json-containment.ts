import { isJsonObject, sortedJson } from '../../serde/exact-json.ts';
import { PairMemo } from '../pair-memo.ts';
import type { Incompatibility } from '../parsed-schema.ts';
import { arrayFaults } from './json-arrays.ts';
import { dereferenced, type JsonNode, type Place } from './json-document.ts';
import { fault, isAnnotation, keywordsOf } from './json-keywords.ts';
import { objectFaults } from './json-objects.ts';
import { scalarFaults } from './json-scalars.ts';

const CONDITIONAL = ['if', 'then', 'else'];
const COMBINED = ['allOf', 'anyOf', 'oneOf', 'not', ...CONDITIONAL];

/**
 * Why documents that fit the writer's schema need not fit the reader's; empty when all of them do.
 *
 * A schema is taken as a conjunction: its own keywords and each of its combined parts. The writer's documents must fit
 * every part of the reader's:
 *
 *   reader = own AND allOf[0] AND allOf[1] AND (anyOf ...) AND (oneOf ...) AND NOT(...)
 *
 * A sum (anyOf, oneOf) of the reader is met by one of its branches, one of the writer must meet the part by each of its
 * branches. That the branches of a oneOf exclude each other is taken from whoever wrote it.
 */
export function jsonIncompatibilities(reader: Place, writer: Place): Incompatibility[] {
  return new Containment().compare(reader, writer, '#');
}

export class Containment {
  readonly #memo = new PairMemo<JsonNode, Incompatibility>();
  #depth = 0;

  compare(reader: Place, writer: Place, path: string): Incompatibility[] {
    const read = dereferenced(reader);
    const written = dereferenced(writer);
    if (!read || !written) return [];
    const decide = () => this.#compare(read, written, path);
    const isPair = typeof read.node === 'object' && typeof written.node === 'object';
    return isPair ? this.#memo.compare(read.node, written.node, decide) : decide();
  }

  fits(reader: Place, writer: Place, path: string): boolean {
    return this.compare(reader, writer, path).length === 0;
  }

  #compare(reader: Place, writer: Place, path: string): Incompatibility[] {
    if (isAny(reader.node) || writer.node === false) return [];
    if (reader.node === false) return [fault('SCHEMA_NARROWED', path, 'Nothing fits the reader any more')];
    if (isAny(writer.node))
      return [
        fault(
          'SCHEMA_NARROWED',
          path,
          'The writer may write anything, and the reader does not read everything',
        ),
      ];
    if (++this.#depth > MAX_DEPTH) throw new RangeError('compared too deeply');
    const parts = conjunctsOf(writer);
    const found = conjunctsOf(reader).flatMap((part) => this.#part(part, parts, path));
    this.#depth--;
    return found;
  }

  /** One part of the reader, met by any part of the writer. */
  #part(part: Conjunct, writers: readonly Conjunct[], path: string): Incompatibility[] {
    if (part.kind === 'not') return this.#not(part, writers, path);
    if (part.kind === 'conditional')
      return writers.some((other) => other.kind === 'conditional' && same(other.place, part.place))
        ? []
        : [fault('CONDITIONAL_CHANGED', path, "The reader's if, then and else are not the writer's")];
    let closest: Incompatibility[] | undefined;
    for (const writer of writers) {
      if (writer.kind === 'not' || writer.kind === 'conditional') continue;
      const found = this.#against(part, writer, path);
      if (found.length === 0) return [];
      closest ??= found;
    }
    return closest ?? this.#against(part, { kind: 'plain', place: { ...part.place, node: {} } }, path);
  }

  #against(part: Sum | Plain, writer: Sum | Plain, path: string): Incompatibility[] {
    if (writer.kind === 'sum')
      return writer.branches.flatMap((branch, index) =>
        this.#alternative(part, branch, `${path}/${writer.keyword}/${index}`),
      );
    return part.kind === 'sum'
      ? this.#branch(part, writer.place, path)
      : this.#plain(part.place, writer.place, path);
  }

  #alternative(part: Sum | Plain, branch: Place, path: string): Incompatibility[] {
    return part.kind === 'sum' ? this.#branch(part, branch, path) : this.compare(part.place, branch, path);
  }

  #branch({ branches, keyword }: Sum, writer: Place, path: string): Incompatibility[] {
    const isMet = branches.some((branch, index) => this.fits(branch, writer, `${path}/${keyword}/${index}`));
    // A sum within the writer is compared branch by branch.
    if (isMet || this.#splits(branches, keyword, writer, path)) return [];
    return [
      fault(
        'SUM_TYPE_NARROWED',
        path,
        `None of the reader's alternatives (${keyword}) takes what the writer writes`,
      ),
    ];
  }

  /** `{"type": ["string", "null"]}` is met by alternatives for each of its types, and so is a combined schema by its branches. */
  #splits(branches: readonly Place[], keyword: string, writer: Place, path: string): boolean {
    const place = dereferenced(writer);
    if (!place || !isJsonObject(place.node)) return false;
    const { node, document } = place;
    const sum = conjunctsOf(place).find((part) => part.kind === 'sum');
    const alternatives =
      Array.isArray(node.type) && node.type.length > 1
        ? node.type.map((type): Place => ({ node: { ...node, type }, document }))
        : sum?.branches;
    return (
      alternatives?.every((alternative) =>
        branches.some((branch, index) => this.fits(branch, alternative, `${path}/${keyword}/${index}`)),
      ) ?? false
    );
  }

  /** What the reader does not take must be something that the writer does not write. */
  #not(part: Not, writers: readonly Conjunct[], path: string): Incompatibility[] {
    const isMet = writers.some(
      (writer) => writer.kind === 'not' && this.fits(writer.place, part.place, `${path}/not`),
    );
    if (isMet) return [];
    return [
      fault('NOT_TYPE_EXTENDED', `${path}/not`, 'The reader excludes documents that the writer may write'),
    ];
  }

  #plain(reader: Place, writer: Place, path: string): Incompatibility[] {
    const read = keywordsOf(reader);
    const written = keywordsOf(writer);
    return [
      ...scalarFaults(read, written, path),
      ...(written.types.has('object') ? objectFaults(this, read, written, path) : []),
      ...(written.types.has('array') ? arrayFaults(this, read, written, path) : []),
    ];
  }
}

const MAX_DEPTH = 500;

type Plain = { readonly kind: 'plain'; readonly place: Place };
type Sum = {
  readonly kind: 'sum';
  readonly keyword: 'anyOf' | 'oneOf';
  readonly branches: readonly Place[];
  readonly place: Place;
};
type Not = { readonly kind: 'not'; readonly place: Place };
type Conjunct = Plain | Sum | Not | { readonly kind: 'conditional'; readonly place: Place };

/** The parts of a schema that must all be met. Plain parts that speak of different things are one. */
function conjunctsOf({ node, document }: Place): Conjunct[] {
  if (!isJsonObject(node)) return [{ kind: 'plain', place: { node, document } }];
  const parts: Conjunct[] = [];
  const own = Object.fromEntries(Object.entries(node).filter(([name]) => !COMBINED.includes(name)));
  if (!isAny(own)) parts.push({ kind: 'plain', place: { node: own, document } });
  for (const child of listIn(node.allOf)) {
    const place = dereferenced({ node: child, document });
    if (place) parts.push(...conjunctsOf(place));
  }
  for (const keyword of ['anyOf', 'oneOf'] as const) {
    const branches = listIn(node[keyword]).map((branch): Place => ({ node: branch, document }));
    if (branches.length === 1) parts.push(...conjunctsOf(dereferenced(branches[0]!) ?? branches[0]!));
    else if (branches.length > 1) parts.push({ kind: 'sum', keyword, branches, place: { node, document } });
  }
  if (node.not !== undefined) parts.push({ kind: 'not', place: { node: node.not as JsonNode, document } });
  if (node.if !== undefined) {
    const conditional = Object.entries(node).filter(([name]) => CONDITIONAL.includes(name));
    parts.push({ kind: 'conditional', place: { node: Object.fromEntries(conditional), document } });
  }
  return merged(parts);
}

function merged(parts: readonly Conjunct[]): Conjunct[] {
  const result: Conjunct[] = [];
  for (const part of parts) {
    const index = result.findIndex((other) => areApart(other, part));
    const other = result[index];
    if (other?.kind === 'plain' && part.kind === 'plain') {
      const node = { ...(other.place.node as object), ...(part.place.node as object) };
      result[index] = { kind: 'plain', place: { node, document: part.place.document } };
    } else result.push(part);
  }
  return result;
}

/** Keywords that say something only together: from two schemas they say something else than from one. */
const TOGETHER = [
  ['properties', 'patternProperties', 'additionalProperties'],
  ['items', 'prefixItems', 'additionalItems'],
  ['contains', 'minContains', 'maxContains'],
  ['minimum', 'exclusiveMinimum'],
  ['maximum', 'exclusiveMaximum'],
];

/** Whether two plain parts of one document may be written as one. A type that both name alike is no conflict. */
function areApart(one: Conjunct, other: Conjunct): boolean {
  if (one.kind !== 'plain' || other.kind !== 'plain') return false;
  if (one.place.document !== other.place.document) return false;
  const [left, right] = [one.place.node, other.place.node];
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  const meet = (group: readonly string[]) =>
    [left, right].every((node) => group.some((name) => name in node));
  if (TOGETHER.some(meet)) return false;
  const common = Object.keys(left).filter((name) => name in right && !isAnnotation(name));
  return common.every((name) => name === 'type' && sortedJson(left[name]) === sortedJson(right[name]));
}

function isAny(node: JsonNode): boolean {
  return node === true || (isJsonObject(node) && Object.keys(node).every(isAnnotation));
}

function same(one: Place, other: Place): boolean {
  return sortedJson(one.node) === sortedJson(other.node);
}

function listIn(value: unknown): readonly JsonNode[] {
  return Array.isArray(value) ? (value as JsonNode[]) : [];
}
