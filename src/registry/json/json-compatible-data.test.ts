// What the checker calls compatible an independent validator must accept: documents of random schemas and changed ones.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { SeededRandom } from '../../base/seeded-random.ts';
import { parseJsonSchema } from './json-schema.ts';

/** A schema costs the validator milliseconds. */
const ROUNDS = Number(process.env.MILLRACE_JSON_ROUNDS ?? 200);

type Node = Record<string, unknown>;

const DOCUMENTS: unknown[] = [
  ...[null, true, false, 0, 1, 2, 3, 4, 6, 7.5, -1, '', 'a', 'b', 'ab', 'abc', 'xyz'],
  ...[[], [1], [1, 1], ['a'], [1, 'a'], ['a', 'b', 'c'], [[]], [{}], [null, 'a']],
  ...[
    {},
    { a: 1 },
    { a: 'x' },
    { b: 2 },
    { a: 1, b: 2 },
    { a: 'ab', c: null },
    { x1: 1 },
    { x1: 'a' },
    { a: {} },
  ],
  ...[{ a: { b: 1 } }, { a: [1] }, { a: null }, { a: 1, b: 'a', c: 3 }, { b: 'abc' }],
];

class Schemas {
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random.next() * items.length)]!;
  }

  node(depth: number): Node | boolean {
    if (this.chance(0.05)) return this.chance(0.8);
    const node: Node = {};
    if (this.chance(0.8))
      node.type = this.chance(0.2)
        ? [this.pick(['string', 'null']), this.pick(['integer', 'object', 'array'])]
        : this.pick([
            'string',
            'integer',
            'number',
            'object',
            'object',
            'object',
            'array',
            'boolean',
            'null',
          ]);
    for (const [name, value] of this.#keywords(depth)) if (this.chance(0.2)) node[name] = value();
    return node;
  }

  #keywords(depth: number): [string, () => unknown][] {
    const inner = () =>
      depth > 0 ? this.node(depth - 1) : this.pick<Node | boolean>([{ type: 'string' }, true]);
    const scalars: [string, () => unknown][] = [
      ['minimum', () => this.pick([0, 1, 3])],
      ['maximum', () => this.pick([2, 4, 7])],
      ['exclusiveMaximum', () => this.pick([2, 4, 7])],
      ['multipleOf', () => this.pick([1, 2, 3])],
      ['minLength', () => this.pick([0, 1, 2])],
      ['maxLength', () => this.pick([1, 2, 3])],
      ['pattern', () => this.pick(['^a', 'b'])],
      ['minItems', () => this.pick([0, 1])],
      ['maxItems', () => this.pick([1, 2])],
      ['uniqueItems', () => true],
      ['minProperties', () => 1],
      ['maxProperties', () => 2],
      [
        'enum',
        () =>
          this.pick<unknown[]>([
            ['a', 'b'],
            [1, 2, 3],
            ['a', null, 1],
            [{}, { a: 1 }],
          ]),
      ],
      ['required', () => this.pick([['a'], ['b'], ['a', 'b']])],
      ['dependentRequired', () => ({ a: ['b'] })],
    ];
    const nested: [string, () => unknown][] = [
      ['properties', () => ({ a: inner(), ...(this.chance(0.5) && { b: inner() }) })],
      ['properties', () => ({ b: inner() })],
      ['patternProperties', () => ({ '^x': inner() })],
      ['additionalProperties', inner],
      ['additionalProperties', () => false],
      ['items', inner],
      ['prefixItems', () => [inner()]],
      ['contains', inner],
      ['propertyNames', () => ({ maxLength: this.pick([1, 2]) })],
      ['anyOf', () => [inner(), inner()]],
      ['allOf', () => [inner(), inner()]],
      ['not', inner],
    ];
    return [...scalars, ...nested];
  }

  changed(node: Node | boolean, depth: number): Node | boolean {
    if (typeof node === 'boolean' || this.chance(0.05)) return this.node(depth);
    const copy: Node = { ...node };
    const names = Object.keys(copy);
    if (names.length > 0 && this.chance(0.5)) delete copy[this.pick(names)];
    if (this.chance(0.4)) {
      const [name, value] = this.pick(this.#keywords(depth));
      copy[name] = value();
    }
    for (const name of ['properties', 'patternProperties'])
      if (copy[name] && this.chance(0.4))
        copy[name] = Object.fromEntries(
          Object.entries(copy[name] as Node).map(([key, value]) => [
            key,
            this.changed(value as Node, depth - 1),
          ]),
        );
    for (const name of ['items', 'additionalProperties'])
      if (copy[name] && this.chance(0.4)) copy[name] = this.changed(copy[name] as Node, depth - 1);
    if (this.chance(0.1)) return { anyOf: [copy, { type: 'null' }] };
    return this.chance(0.05) ? { allOf: [copy] } : copy;
  }
}

it('what is called compatible is accepted, for changes of random schemas', () => {
  const seed = Number(process.env.MILLRACE_JSON_SEED ?? 20_260_102);
  const random = new SeededRandom(seed);
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allowUnionTypes: true });
  let [compatible, incompatible, proven] = [0, 0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const schemas = new Schemas(random);
    const writer = schemas.node(2);
    const reader = schemas.changed(writer, 2);
    const faults = parseJsonSchema(JSON.stringify(reader), []).cannotRead(
      parseJsonSchema(JSON.stringify(writer), []),
    );
    const [reads, writes] = [ajv.compile(reader), ajv.compile(writer)];
    const lost = DOCUMENTS.filter((document) => writes(document) && !reads(document));
    if (faults.length > 0) {
      incompatible++;
      if (lost.length > 0) proven++;
      continue;
    }
    compatible++;
    assert.deepEqual(
      lost,
      [],
      `seed ${seed}, round ${round}: ${JSON.stringify(reader)} reads ${JSON.stringify(writer)}`,
    );
  }
  assert.ok(
    compatible > ROUNDS / 6 && incompatible > ROUNDS / 6,
    `${compatible} compatible, ${incompatible} not`,
  );
  // A few dozen documents show much of what is refused.
  assert.ok(proven > incompatible / 3, `${proven} of ${incompatible} refusals shown by a document`);
});
