// What the checker calls compatible an independent library must read: messages of random files with changed ones.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import protobuf from 'protobufjs';
import { SeededRandom } from '../../base/seeded-random.ts';
import { parseProtobuf } from './protobuf-schema.ts';

const ROUNDS = 1_000;
const SCALARS = [
  ...['int32', 'uint32', 'int64', 'uint64', 'bool', 'sint32', 'sint64', 'string', 'bytes'],
  ...['fixed32', 'sfixed32', 'fixed64', 'sfixed64', 'float', 'double', 'E'],
];
const LABELS = ['', '', '', 'optional ', 'repeated '];

interface Field {
  readonly number: number;
  readonly type: string;
  readonly label: string;
  readonly oneof: boolean;
}

class Files {
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

  fields(): Field[] {
    return [1, 2, 3, 4].filter(() => this.chance(0.7)).map((number) => this.#field(number));
  }

  #field(number: number): Field {
    const oneof = this.chance(0.2);
    const type = this.pick([...SCALARS, 'N', 'map<string, int32>', 'map<int32, N>']);
    return {
      number,
      type,
      oneof: oneof && !type.startsWith('map'),
      label: type.startsWith('map') ? '' : this.pick(LABELS),
    };
  }

  changed(fields: readonly Field[]): Field[] {
    const kept = fields.filter(() => !this.chance(0.1));
    const changed = kept.map((field) => {
      if (this.chance(0.25))
        return { ...this.#field(field.number), oneof: field.oneof && !field.type.startsWith('map') };
      if (this.chance(0.1) && !field.type.startsWith('map')) return { ...field, oneof: !field.oneof };
      return field;
    });
    if (this.chance(0.2)) changed.push(this.#field(9));
    return changed.filter(({ oneof, type }) => !(oneof && type.startsWith('map')));
  }

  /** Values of one message; no zeros, of which proto3 does not say whether they were written. */
  value(fields: readonly Field[]): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    let inOneof = false;
    for (const { number, type, label, oneof } of fields) {
      if (this.chance(0.2) || (oneof && inOneof)) continue;
      inOneof ||= oneof;
      const one = () => this.#scalar(type);
      value[`f${number}`] = label === 'repeated ' && !oneof ? [one(), one()] : one();
    }
    return value;
  }

  #scalar(type: string): unknown {
    if (type.startsWith('map<string')) return { k: 7 };
    if (type.startsWith('map')) return { 5: { a: 1 } };
    switch (type) {
      case 'string':
        return this.pick(['a', 'text']);
      case 'bytes':
        return Buffer.from(this.pick(['b', 'bytes']));
      case 'bool':
        return true;
      case 'N':
        return { a: this.pick([1, 300]) };
      case 'E':
        return 1;
      default:
        return this.pick([1, 100, 70_000]);
    }
  }
}

function file(fields: readonly Field[]): string {
  const line = ({ number, type, label, oneof }: Field) =>
    `${oneof ? '' : label}${type} f${number} = ${number};`;
  const inside = fields.filter(({ oneof }) => oneof).map(line);
  const outside = fields.filter(({ oneof }) => !oneof).map(line);
  const oneof = inside.length > 0 ? `oneof o { ${inside.join(' ')} }` : '';
  return `syntax = "proto3"; message M { ${outside.join(' ')} ${oneof} } message N { int32 a = 1; } enum E { Z = 0; A = 1; }`;
}

it('what is called compatible is read, over 1,000 changes of random files', () => {
  const seed = 20_260_103;
  const files = new Files(new SeededRandom(seed));
  let [compatible, incompatible] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const before = files.fields();
    const after = files.changed(before);
    const [written, read] = [file(before), file(after)];
    const faults = parseProtobuf(read, []).cannotRead(parseProtobuf(written, []));
    if (faults.length > 0) {
      incompatible++;
      continue;
    }
    compatible++;
    const writer = protobuf.parse(written, { keepCase: true }).root.lookupType('M');
    const reader = protobuf.parse(read, { keepCase: true }).root.lookupType('M');
    const value = files.value(before);
    const bytes = writer.encode(writer.fromObject(value)).finish();
    const example = `seed ${seed}, round ${round}: ${read} reads ${written} of ${JSON.stringify(value)}`;
    const seen = reader.toObject(reader.decode(bytes), { longs: Number }) as Record<string, unknown>;
    const given = writer.toObject(writer.decode(bytes), { longs: Number }) as Record<string, unknown>;
    for (const field of before) {
      const name = `f${field.number}`;
      const other = after.find(({ number }) => number === field.number);
      // Bytes of another kind the library would pass over as a field that it does not know.
      if (!other || given[name] === undefined) continue;
      assert.notEqual(seen[name], undefined, `${name}: ${example}`);
      const isSame = other.type === field.type && other.label === field.label && other.oneof === field.oneof;
      if (isSame) assert.deepEqual(plain(seen[name]), plain(given[name]), `${name}: ${example}`);
    }
  }
  assert.ok(
    compatible > ROUNDS / 4 && incompatible > ROUNDS / 4,
    `${compatible} compatible, ${incompatible} not`,
  );
});

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
