import { sameType } from '../../data/compare.ts';
import type { SqlType } from '../../data/types.ts';
import type { Expr, ExprOf } from '../ast.ts';
import { freeNames, walk } from '../ast-walk.ts';
import type { Catalog } from '../catalog.ts';
import type { Expression, LambdaExpression } from '../expression.ts';
import { findTable } from '../functions/registry.ts';
import type { LambdaArgument } from '../functions/signature.ts';
import { SqlError } from '../sql-error.ts';
import { analyse, type Scope } from './analyse-expression.ts';

/**
 * `(k, v) => body` as an argument. What its parameters are follows from the function's other arguments, so the body is
 * analysed when a variant of the function has been tried; the last result is the one that counts.
 */
export class Lambda implements LambdaArgument {
  readonly kind = 'LAMBDA';
  readonly #e: ExprOf<'lambda'>;
  readonly #scope: Scope;
  #analysed: LambdaExpression | undefined;

  constructor(e: ExprOf<'lambda'>, scope: Scope) {
    const repeated = e.parameters.find((name, i) => e.parameters.indexOf(name) !== i);
    if (repeated !== undefined) {
      throw new SqlError(
        `Lambda parameter ${repeated} is there twice. Give each a name of its own.`,
        e.line,
        e.column,
      );
    }
    for (const inner of walk(e.body)) {
      if (inner.kind !== 'call' || findTable(inner.name) === undefined) continue;
      throw new SqlError(
        `Table function ${inner.name} cannot be used inside of a lambda.`,
        inner.line,
        inner.column,
      );
    }
    this.#e = e;
    this.#scope = scope;
  }

  get parameterCount(): number {
    return this.#e.parameters.length;
  }

  resultOf(types: readonly SqlType[]): SqlType {
    const known = this.#analysed?.parameters;
    if (!known?.every(({ type }, i) => sameType(type, types[i]!))) {
      const parameters = this.#e.parameters.map((name, i) => ({ name, type: types[i]! }));
      const body = analyse(this.#e.body, new LambdaScope(this.#scope, parameters));
      this.#analysed = { kind: 'lambda', parameters, body, type: body.type };
    }
    return this.#analysed!.type;
  }

  get expression(): LambdaExpression {
    if (this.#analysed === undefined)
      throw new Error('a lambda that no variant of its function has looked at');
    return this.#analysed;
  }
}

/** Inside of a lambda: its parameters first, then everything around it. */
class LambdaScope implements Scope {
  readonly catalog: Catalog;
  readonly lambdaDepth: number;
  readonly #outer: Scope;
  readonly #parameters: LambdaExpression['parameters'];

  constructor(outer: Scope, parameters: LambdaExpression['parameters']) {
    this.catalog = outer.catalog;
    this.lambdaDepth = (outer.lambdaDepth ?? 0) + 1;
    this.#outer = outer;
    this.#parameters = parameters;
  }

  column(e: ExprOf<'name'>): Expression {
    const index = e.source === undefined ? this.#parameters.findIndex(({ name }) => name === e.name) : -1;
    if (index < 0) return this.#outer.column(e);
    return { kind: 'parameter', depth: this.lambdaDepth - 1, index, ...this.#parameters[index]! };
  }

  /** What is made of parameters is nothing that the rows have, whatever it looks like. */
  replace(e: Expr): Expression | undefined {
    for (const name of freeNames(e)) {
      if (name.source === undefined && this.#parameters.some((parameter) => parameter.name === name.name))
        return undefined;
    }
    return this.#outer.replace?.(e);
  }
}
