import { formatType, quoteName } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';

/** What a parameter takes. `UNIT` is a word like DAYS, passed on as a string; `ANY` is a value of any type. */
export type TypePattern =
  | { readonly kind: 'type'; readonly type: SqlType }
  | { readonly kind: 'DECIMAL' }
  | { readonly kind: 'UNIT' }
  | { readonly kind: 'ANY' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'ARRAY'; readonly element: TypePattern }
  | { readonly kind: 'MAP'; readonly key: TypePattern; readonly value: TypePattern }
  | {
      readonly kind: 'STRUCT';
      readonly fields: readonly { readonly name: string; readonly pattern: TypePattern }[];
    }
  | { readonly kind: 'LAMBDA'; readonly parameters: readonly TypePattern[]; readonly result: TypePattern };

const SCALARS: ReadonlyMap<string, SqlType> = new Map<string, SqlType>([
  ...(
    ['BOOLEAN', 'INTEGER', 'BIGINT', 'DOUBLE', 'STRING', 'BYTES', 'TIME', 'DATE', 'TIMESTAMP'] as const
  ).map((kind): [string, SqlType] => [kind, { kind }]),
  ['INT', { kind: 'INTEGER' }],
  ['VARCHAR', { kind: 'STRING' }],
]);

/**
 * Reads patterns: `ARRAY<T>`, `MAP<STRING, T>`, `STRUCT<A STRING, B INTEGER>`, `DECIMAL(10, 2)`, DECIMAL alone for any
 * decimal, `LAMBDA<K, V, R>` for a function of (K, V) that gives R. Words that are no types are type variables.
 */
export class TypePatternReader {
  readonly #words: readonly string[];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#words = text.match(/->|\.\.\.|[A-Za-z_][A-Za-z0-9_]*|\d+|[<>(),|]/g) ?? [];
  }

  accept(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at++;
    return true;
  }

  /** A word in lower case. */
  acceptName(): string | undefined {
    const word = this.#words[this.#at];
    if (word === undefined || !/^[a-z]/.test(word)) return undefined;
    this.#at++;
    return word;
  }

  at(word: string): boolean {
    return this.#words[this.#at] === word;
  }

  get isDone(): boolean {
    return this.#at >= this.#words.length;
  }

  expect(word: string): void {
    if (!this.accept(word)) throw this.#error(`'${word}'`);
  }

  pattern(): TypePattern {
    const word = this.#word().toUpperCase();
    switch (word) {
      case 'ARRAY': {
        const [element] = this.#inBrackets() as [TypePattern];
        return concrete({ kind: 'ARRAY', element });
      }
      case 'MAP': {
        const [key, value] = this.#inBrackets() as [TypePattern, TypePattern];
        return concrete({ kind: 'MAP', key, value });
      }
      case 'LAMBDA': {
        const patterns = this.#inBrackets();
        return { kind: 'LAMBDA', parameters: patterns.slice(0, -1), result: patterns.at(-1)! };
      }
      case 'STRUCT':
        return this.#struct();
      case 'DECIMAL':
        return this.at('(') ? { kind: 'type', type: this.#decimal() } : { kind: 'DECIMAL' };
      case 'UNIT':
      case 'ANY':
        return { kind: word };
      default: {
        const type = SCALARS.get(word);
        return type === undefined ? { kind: 'variable', name: word } : { kind: 'type', type };
      }
    }
  }

  #inBrackets(): TypePattern[] {
    this.expect('<');
    const patterns = [this.pattern()];
    while (this.accept(',')) patterns.push(this.pattern());
    this.expect('>');
    return patterns;
  }

  #struct(): TypePattern {
    this.expect('<');
    const fields: { name: string; pattern: TypePattern }[] = [];
    do fields.push({ name: this.#word(), pattern: this.pattern() });
    while (this.accept(','));
    this.expect('>');
    const types = fields.map(({ pattern }) => (pattern.kind === 'type' ? pattern.type : undefined));
    if (types.includes(undefined)) return { kind: 'STRUCT', fields };
    const known = fields.map(({ name }, i) => ({ name, type: types[i]! }));
    return { kind: 'type', type: { kind: 'STRUCT', fields: known } };
  }

  #decimal(): SqlType {
    this.expect('(');
    const precision = Number(this.#word());
    this.expect(',');
    const scale = Number(this.#word());
    this.expect(')');
    return { kind: 'DECIMAL', precision, scale };
  }

  #word(): string {
    const word = this.#words[this.#at++];
    if (word === undefined || !/^\w/.test(word)) throw this.#error('a type');
    return word;
  }

  #error(expected: string): Error {
    const found = this.#words[this.#at - 1] ?? 'its end';
    return new Error(`signature '${this.#text}': expected ${expected} near '${found}'`);
  }
}

/** A collection of types is a type itself. */
function concrete(pattern: Extract<TypePattern, { kind: 'ARRAY' | 'MAP' }>): TypePattern {
  if (pattern.kind === 'ARRAY') {
    const { element } = pattern;
    return element.kind === 'type'
      ? { kind: 'type', type: { kind: 'ARRAY', element: element.type } }
      : pattern;
  }
  const { key, value } = pattern;
  if (key.kind !== 'type' || value.kind !== 'type') return pattern;
  return { kind: 'type', type: { kind: 'MAP', key: key.type, value: value.type } };
}

export function formatTypePattern(pattern: TypePattern): string {
  switch (pattern.kind) {
    case 'type':
      return formatType(pattern.type);
    case 'variable':
      return pattern.name;
    case 'ARRAY':
      return `ARRAY<${formatTypePattern(pattern.element)}>`;
    case 'MAP':
      return `MAP<${formatTypePattern(pattern.key)}, ${formatTypePattern(pattern.value)}>`;
    case 'STRUCT':
      return `STRUCT<${pattern.fields.map((field) => `${quoteName(field.name)} ${formatTypePattern(field.pattern)}`).join(', ')}>`;
    case 'LAMBDA':
      return `LAMBDA (${pattern.parameters.map(formatTypePattern).join(', ')}) => ${formatTypePattern(pattern.result)}`;
    default:
      return pattern.kind;
  }
}
