import { factory } from '../../sql/compile/factory.ts';
import { type ColumnCode, Generator } from '../../sql/compile/generator.ts';
import type { OnError } from '../../sql/compile.ts';
import type { Expression } from '../../sql/expression.ts';
import type { Effects } from '../../sql/functions/scalar.ts';
import type { Prefetchable } from '../store/key-prefetch.ts';
import type { KeyTable } from '../store/key-table.ts';

/** A column whose values are keys of these stores. */
export interface KeyUse {
  readonly column: ColumnCode;
  readonly keys: KeyTable;
  readonly stores: Set<Prefetchable>;
}

/**
 * One JavaScript function in the making, to which the steps of a plan add their code one after the other. Values that
 * are not numbers, among them everything that a user wrote, are bound as constants and never become source text.
 */
export class Fragment {
  readonly generator: Generator;
  /** Columns by which stores are searched, for whoever wants to prefetch what they will find. */
  readonly keyUses: KeyUse[] = [];
  #locals = 0;

  constructor(effects: Effects) {
    this.generator = new Generator(effects);
  }

  constant(value: unknown): string {
    return this.generator.constant(value);
  }

  /** A name that nothing else in the function has. */
  local(prefix: string): string {
    return `${prefix}_${this.#locals++}`;
  }

  /** Code over the given columns; errors in elements of lists go to `onError`. */
  over<Result>(
    columns: readonly ColumnCode[],
    onError: OnError,
    generate: (generator: Generator) => Result,
  ): Result {
    const { generator } = this;
    generator.column = (index) => columns[index] as ColumnCode;
    generator.onError = this.constant(onError);
    return generate(generator);
  }

  /**
   * Each expression as a column of the next step: what is a column already stays one, the others are computed into
   * locals by `lines`; an error makes its own column null and goes to `onError`.
   */
  columns(
    expressions: readonly Expression[],
    input: readonly ColumnCode[],
    onError: OnError,
  ): { lines: string; columns: ColumnCode[] } {
    const lines: string[] = [];
    const columns = expressions.map((expression) =>
      this.over(input, onError, (generator): ColumnCode => {
        const same = generator.columnOf(expression);
        if (same) return same;
        const code = generator.generate(expression);
        if (code.simple) return { code: () => code };
        const name = this.local('x');
        lines.push(
          `let ${name} = null; try { ${name} = ${code.js}; } catch (error) { ${generator.onError}(error); }`,
        );
        return localColumn(name);
      }),
    );
    return { lines: lines.join('\n'), columns };
  }

  /** The finished function. */
  build<Compiled>(parameters: string, body: string): Compiled {
    const { constants, temporaries } = this.generator;
    const names = constants.map((_, index) => `k${index}`);
    const declared = Array.from({ length: temporaries }, (_, index) => `t${index}`);
    const declare = declared.length > 0 ? `let ${declared.join(', ')};\n` : '';
    const source = `'use strict'; return function (${parameters}) {\n${declare}${body}\n};`;
    return factory(names, source)(...constants) as Compiled;
  }
}

export function localColumn(name: string, nullable = true): ColumnCode {
  return { code: () => ({ js: name, nullable, simple: true }) };
}

export const NULL_COLUMN: ColumnCode = localColumn('null');

export function valuesOf(columns: readonly ColumnCode[]): string {
  return columns.map((column) => column.code().js).join(', ');
}
