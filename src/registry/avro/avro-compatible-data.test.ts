// What the checker calls compatible an independent library must read: data of random writers with random readers.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import avsc from 'avsc';
import { SeededRandom } from '../../base/seeded-random.ts';
import { parseAvro } from './avro-schema.ts';

type Schema = unknown;
const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'];

class Schemas {
  readonly #random: SeededRandom;
  #names = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random.next() < probability;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random.next() * items.length)]!;
  }

  type(depth: number): Schema {
    const kinds =
      depth > 0 ? ['record', 'enum', 'fixed', 'array', 'map', 'union', ...PRIMITIVES] : PRIMITIVES;
    const kind = this.pick(kinds);
    switch (kind) {
      case 'record': {
        const fields = ['a', 'b', 'c'].slice(0, 1 + Math.floor(this.#random.next() * 3));
        return {
          type: 'record',
          name: this.#name(),
          fields: fields.map((name) => this.#field(name, depth - 1)),
        };
      }
      case 'enum':
        return {
          type: 'enum',
          name: this.#name(),
          symbols: ['A', 'B', 'C'].slice(0, 1 + Math.floor(this.#random.next() * 3)),
        };
      case 'fixed':
        return { type: 'fixed', name: this.#name(), size: this.pick([1, 2]) };
      case 'array':
        return { type: 'array', items: this.type(depth - 1) };
      case 'map':
        return { type: 'map', values: this.type(depth - 1) };
      case 'union':
        return [...new Set(['null', this.pick(PRIMITIVES.slice(2)), this.pick(PRIMITIVES)])];
      default:
        return kind;
    }
  }

  #name(): string {
    return `T${this.#names++}`;
  }

  #field(name: string, depth: number): Schema {
    const type = this.type(depth);
    return this.chance(0.2) && type === 'int' ? { name, type, default: 7 } : { name, type };
  }

  /** A small change somewhere, as somebody would make it. */
  changed(schema: Schema): Schema {
    if (Array.isArray(schema)) {
      if (this.chance(0.3) && !schema.includes('boolean')) return [...schema, 'boolean'];
      if (this.chance(0.3) && schema.length > 1) return schema.slice(0, -1);
      return schema.map((branch) => (this.chance(0.2) ? this.#promoted(branch, schema) : branch));
    }
    if (typeof schema === 'string') {
      if (this.chance(0.2)) return schema === 'null' ? 'null' : ['null', schema];
      return this.chance(0.5) ? this.#promoted(schema, []) : schema;
    }
    const object = schema as { type: string; [name: string]: unknown };
    switch (object.type) {
      case 'record':
        return { ...object, fields: this.#fields(object.fields as { name: string; type: Schema }[]) };
      case 'enum': {
        const symbols = this.pick([['A'], ['A', 'B'], ['A', 'B', 'C', 'D']]);
        return { ...object, symbols, ...(this.chance(0.3) && { default: 'A' }) };
      }
      case 'fixed':
        return { ...object, ...(this.chance(0.2) && { size: 3 }) };
      case 'array':
        return { ...object, items: this.changed(object.items) };
      default:
        return { ...object, values: this.changed(object.values) };
    }
  }

  #fields(fields: { name: string; type: Schema }[]): Schema[] {
    const kept = fields.filter(() => !this.chance(0.15));
    const changed: { name: string; type: Schema }[] = kept.map((field) => {
      if (this.chance(0.5)) return field;
      const { default: _, ...rest } = field as { name: string; type: Schema; default?: unknown };
      return { ...rest, type: this.changed(field.type) };
    });
    if (this.chance(0.2))
      changed.push({ name: 'new', type: 'string', ...(this.chance(0.6) && { default: 'd' }) });
    if (this.chance(0.1) && changed[0])
      changed[0] = { ...changed[0], name: 'renamed', aliases: [changed[0].name] } as (typeof changed)[0];
    return changed;
  }

  #promoted(type: Schema, others: readonly Schema[]): Schema {
    const wider: Record<string, string[]> = {
      int: ['long', 'float', 'double', 'string'],
      long: ['double', 'int'],
      float: ['double', 'int'],
      string: ['bytes', 'double', 'boolean'],
      double: ['float', 'string'],
      boolean: ['int'],
      bytes: ['string', 'long'],
    };
    const next = this.pick(wider[type as string] ?? [type as string]);
    return others.includes(next) ? type : next;
  }
}

it('what is called compatible is read, over 2,000 changes of random schemas', () => {
  const seed = 20_260_101;
  const random = new SeededRandom(seed);
  let [compatible, incompatible, refusedByBoth] = [0, 0, 0];
  for (let round = 0; round < 2_000; round++) {
    const schemas = new Schemas(random);
    const writer = schemas.type(3);
    const reader = schemas.changed(writer);
    const [written, read] = [writer, reader].map((schema) => parseAvro(JSON.stringify(schema), []));
    const faults = read!.cannotRead(written!);
    const writerType = avsc.Type.forSchema(writer as avsc.Schema, { wrapUnions: true });
    const readerType = avsc.Type.forSchema(reader as avsc.Schema, { wrapUnions: true });
    const example = () =>
      `seed ${seed}, round ${round}: ${JSON.stringify(reader)} reads ${JSON.stringify(writer)}`;
    const canResolve = resolves(readerType, writerType);
    if (faults.length > 0) {
      incompatible++;
      if (!canResolve) refusedByBoth++;
      continue;
    }
    compatible++;
    assert.ok(canResolve, example());
    const resolver = readerType.createResolver(writerType);
    for (let value = 0; value < 5; value++) {
      const bytes = writerType.toBuffer(writerType.random());
      assert.doesNotThrow(() => readerType.fromBuffer(bytes, resolver), example());
    }
  }
  // Both kinds must have been tried, and most refusals be those of the other library too (it lacks defaults of enums).
  assert.ok(compatible > 200 && incompatible > 200, `${compatible} compatible, ${incompatible} not`);
  assert.ok(refusedByBoth > incompatible * 0.95, `${refusedByBoth} of ${incompatible} refused by both`);
});

function resolves(reader: avsc.Type, writer: avsc.Type): boolean {
  try {
    reader.createResolver(writer);
    return true;
  } catch {
    return false;
  }
}
