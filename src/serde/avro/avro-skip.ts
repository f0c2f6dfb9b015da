import type { AvroRecord, AvroType } from './avro-type.ts';

/** JavaScript that passes over values. Records are passed over by functions of their own, for they may hold themselves. */
export class SkipCode {
  readonly #records = new Map<AvroRecord, string>();
  readonly #functions: string[] = [];

  /** To stand before the code that uses them. */
  functions(): string {
    return this.#functions.join('\n');
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
        return `${this.#functionOf(type)}(c);`;
    }
  }

  #functionOf(record: AvroRecord): string {
    let name = this.#records.get(record);
    if (name === undefined) {
      name = `skip${this.#records.size}`;
      this.#records.set(record, name);
      const body = record.fields.map(({ type }) => this.code(type)).join('\n');
      this.#functions.push(`function ${name}(c) {\n${body}\n}`);
    }
    return name;
  }
}

function blocks(item: string): string {
  return `for (let n = c.blockToSkip(); n > 0; n = c.blockToSkip()) for (; n > 0; n--) { ${item} }`;
}
