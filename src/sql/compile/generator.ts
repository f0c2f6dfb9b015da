import type { SqlType } from '../../data/types.ts';
import type { CallExpression, Expression, LambdaExpression } from '../expression.ts';
import type { Effects } from '../functions/scalar.ts';
import { literalValue } from '../literal-value.ts';
import { isOperator } from '../operators.ts';
import { generateFunction } from './function-code.ts';
import { generateOperator } from './operator-code.ts';

/** JavaScript for one expression. */
export interface Code {
  readonly js: string;
  /** false: never null, so no caller needs to check. */
  readonly nullable: boolean;
  /** Can be written twice without being computed twice. */
  readonly simple: boolean;
}

/** Where in the bytes `b` of its record a text stands, without quotes; both are null when only `value` has it. */
export interface PlainText {
  readonly start: string;
  readonly end: string;
  readonly value: string;
}

/** A column of the row at hand, as code. */
export interface ColumnCode {
  /** Whoever asks gets the whole value. */
  code(): Code;
  /** Of a text that may be copied as it stands in its record: ASCII that JSON writes without escapes. No string is made for it. */
  plainText?(): PlainText | undefined;
  /** Of a struct: one field by itself, where the struct need not be made for it. */
  field?(index: number): ColumnCode | undefined;
}

/** Columns of a row that is an array called `r`. */
export function columnOfRow(index: number): ColumnCode {
  return { code: () => ({ js: `r[${Number(index)}]`, nullable: true, simple: true }) };
}

/**
 * Turns expressions into JavaScript over a row's columns. Names, strings and helper functions become constants `k0, k1 ...`
 * handed to the compiled function: no text a user wrote is ever part of the source.
 */
export class Generator {
  readonly constants: unknown[] = [];
  readonly effects: Effects;
  /** False once something was generated whose value may differ each time: RANDOM(), UNIX_TIMESTAMP(). */
  isPure = true;
  /** What the code calls with an error that leaves one element of a list null. */
  onError = 'onError';
  column: (index: number) => ColumnCode;
  /** Helpers are bound once, however often they are called. */
  readonly #functions = new Map<unknown, string>();
  #temporaries = 0;
  /** Names of the parameters of the lambdas around, the outermost first. */
  readonly #lambdas: string[][] = [];
  #parameters = 0;

  constructor(effects: Effects, column: (index: number) => ColumnCode = columnOfRow) {
    this.effects = effects;
    this.column = column;
  }

  get temporaries(): number {
    return this.#temporaries;
  }

  constant(value: unknown): string {
    const known = this.#functions.get(value);
    if (known !== undefined) return known;
    const name = `k${this.constants.push(value) - 1}`;
    if (typeof value === 'function') this.#functions.set(value, name);
    return name;
  }

  temporary(): string {
    return `t${this.#temporaries++}`;
  }

  generate(e: Expression): Code {
    switch (e.kind) {
      case 'column':
        return this.column(e.index).code();
      case 'literal': {
        const value = literalValue(e);
        if (value === null) return { js: 'null', nullable: true, simple: true };
        // Other values are bound, so that queries which differ in them only are the same code, and warm up together.
        const js = typeof value === 'boolean' ? String(value) : this.constant(value);
        return { js, nullable: false, simple: true };
      }
      case 'call':
        return this.#call(e);
      case 'lambda':
        return this.#lambda(e);
      case 'parameter':
        return { js: this.#lambdas[e.depth]![e.index]!, nullable: true, simple: true };
    }
  }

  /** An arrow function; what it captures are the variables around it. */
  #lambda({ parameters, body }: LambdaExpression): Code {
    const names = parameters.map(() => `p${this.#parameters++}`);
    this.#lambdas.push(names);
    const { js } = this.generate(body);
    this.#lambdas.pop();
    return { js: `((${names.join(', ')}) => ${js})`, nullable: false, simple: false };
  }

  get isInLambda(): boolean {
    return this.#lambdas.length > 0;
  }

  #call(e: CallExpression): Code {
    return isOperator(e.function) ? generateOperator(this, e, e.function) : generateFunction(this, e);
  }

  /** The column, or the field of one, that the expression is without any computation. */
  columnOf(e: Expression): ColumnCode | undefined {
    if (e.kind === 'column') return this.column(e.index);
    if (e.kind !== 'call' || e.function !== '->') return undefined;
    const [base, name] = e.args as [Expression, Expression];
    return this.columnOf(base)?.field?.(fieldIndex(base, name));
  }

  /** Code that is `onNull` when any argument is null, else `body` of the arguments' code (each to be used once). */
  strict(
    args: readonly Code[],
    body: (...js: string[]) => string,
    resultNullable = false,
    onNull = 'null',
  ): Code {
    const checks: string[] = [];
    const names = args.map((arg) => {
      if (!arg.nullable) return arg.js;
      const name = arg.simple ? arg.js : this.temporary();
      checks.push(arg.simple ? `${name} === null` : `(${name} = ${arg.js}) === null`);
      return name;
    });
    const js = body(...names);
    if (checks.length === 0) return { js: `(${js})`, nullable: resultNullable, simple: false };
    return {
      js: `(${checks.join(' || ')} ? ${onNull} : ${js})`,
      nullable: resultNullable || onNull !== 'false',
      simple: false,
    };
  }

  /** A JavaScript condition that holds exactly when the BOOLEAN is true. */
  condition(e: Expression): string {
    if (e.kind === 'call' && (e.function === 'AND' || e.function === 'OR')) {
      return `(${e.args.map((arg) => this.condition(arg)).join(e.function === 'AND' ? ' && ' : ' || ')})`;
    }
    const code = this.generate(e);
    return code.nullable ? `${code.js} === true` : code.js;
  }
}

/** Types whose values JavaScript compares by `===`. */
export function isPrimitive(type: SqlType): boolean {
  return type.kind !== 'BYTES' && type.kind !== 'ARRAY' && type.kind !== 'MAP' && type.kind !== 'STRUCT';
}

/** Which field of the struct `base` the literal `name` names. */
export function fieldIndex(base: Expression, name: Expression): number {
  const fields = base.type.kind === 'STRUCT' ? base.type.fields : [];
  const index = fields.findIndex((field) => name.kind === 'literal' && field.name === name.value);
  if (index < 0) throw new Error('a plan names a field its struct does not have');
  return index;
}
