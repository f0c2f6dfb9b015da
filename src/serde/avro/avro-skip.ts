import type { AvroRecord, AvroType } from './avro-type.ts';

/**
 * JavaScript that passes over values. Records are passed over by functions of their own, for they may hold themselves;
 * the code finds these in the object that `holder` names.
 */
export class SkipCode {
  readonly #holder: string;
  readonly #records = new Map<AvroRecord, string>();
  readonly #functions: string[] = [];
  readonly #unfinished = new Set<AvroRecord>();
  /** Some record holds itself, so bytes may lead to any depth. */
  isRecursive = false;

  constructor(holder: string) {
    this.#holder = holder;
  }

  /** What the holder must hold when the code runs. */
  functions(): Readonly<Record<string, unknown>> {
    const names = [...this.#records.values()];
    const source = `'use strict'; const ${this.#holder} = { ${this.#functions.join(',\n')} }; return ${this.#holder};`;
    return names.length === 0 ? {} : (new Function(source)() as Record<string, unknown>);
  }

  /** Statements that move the cursor `c` behind a value. */
  code(type: AvroType): string {
    switch (type.kind) {
      case 'null':
        return '';
      case 'boolean':
        return 'c.skip(1);';
      case 'int':
      case 'long':
      case 'enum':
        return 'c.skipLong();';
      case 'float':
        return 'c.skip(4);';
      case 'double':
        return 'c.skip(8);';
      case 'string':
      case 'bytes':
        return 'c.skipString();';
      case 'fixed':
        return `c.skip(${type.size});`;
      case 'array':
        return blocks(this.code(type.items));
      case 'map':
        return blocks(`c.skipString(); ${this.code(type.values)}`);
      case 'union': {
        const cases = type.branches.map((branch, index) => `case ${index}: ${this.code(branch)} break;`);
        return `switch (c.branch(${type.branches.length})) { ${cases.join(' ')} }`;
      }
      case 'record':
        return `${this.#holder}.${this.#functionOf(type)}(c);`;
    }
  }

  #functionOf(record: AvroRecord): string {
    this.isRecursive ||= this.#unfinished.has(record);
    let name = this.#records.get(record);
    if (name === undefined) {
      name = `skip${this.#records.size}`;
      this.#records.set(record, name);
      this.#unfinished.add(record);
      const body = record.fields.map(({ type }) => this.code(type)).join('\n');
      this.#unfinished.delete(record);
      this.#functions.push(`${name}(c) {\n${body}\n}`);
    }
    return name;
  }
}

function blocks(item: string): string {
  return `for (let n = c.blockToSkip(); n > 0; n = c.blockToSkip()) for (; n > 0; n--) { ${item} }`;
}
