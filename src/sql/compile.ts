import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { Row } from '../data/schema.ts';
import type { SqlValue } from '../data/types.ts';
import { factory } from './compile/factory.ts';
import { Generator } from './compile/generator.ts';
import type { Expression } from './expression.ts';
import type { Effects } from './functions/scalar.ts';

/** Where errors of single expressions go: the expression's value is null, the row lives on. */
export type OnError = (error: Error) => void;

/** The real clock and randomness, where the caller brings none. */
export const SYSTEM_EFFECTS: Effects = {
  nowMs: () => systemClock.nowMs(),
  random: () => systemRandom.next(),
};

/** One expression to a function. An error while it runs gives NULL. */
export function compileExpression(
  e: Expression,
  onError: OnError,
  effects: Effects = SYSTEM_EFFECTS,
): (row: Row) => SqlValue {
  const g = new Generator(effects);
  const { js } = g.generate(e);
  return build(g, `  try { return ${js}; } catch (error) { onError(error); return null; }`, onError);
}

/** True rows stay; NULL, false and errors do not. */
export function compilePredicate(
  e: Expression,
  onError: OnError,
  effects: Effects = SYSTEM_EFFECTS,
): (row: Row) => boolean {
  const g = new Generator(effects);
  const js = g.condition(e);
  return build(g, `  try { return ${js}; } catch (error) { onError(error); return false; }`, onError);
}

/** All columns of a row in one function; an error in one leaves the others. */
export function compileProjection(
  es: readonly Expression[],
  onError: OnError,
  effects: Effects = SYSTEM_EFFECTS,
): (row: Row) => SqlValue[] {
  const g = new Generator(effects);
  return build(g, projectionBody(g, es), onError);
}

/** The JavaScript that `compileProjection` runs, for EXPLAIN; `k0, k1 ...` are bound constants. */
export function explainSource(es: readonly Expression[]): string {
  const g = new Generator(SYSTEM_EFFECTS);
  return source(g, projectionBody(g, es));
}

function projectionBody(g: Generator, es: readonly Expression[]): string {
  const lines: string[] = [];
  const columns = es.map((e, i) => {
    const { js, simple } = g.generate(e);
    if (simple) return js;
    lines.push(`  let c${i} = null; try { c${i} = ${js}; } catch (error) { onError(error); }`);
    return `c${i}`;
  });
  return [...lines, `  return [${columns.join(', ')}];`].join('\n');
}

function source(g: Generator, body: string): string {
  const temporaries = Array.from({ length: g.temporaries }, (_, i) => `t${i}`);
  const declare = temporaries.length > 0 ? `  let ${temporaries.join(', ')};\n` : '';
  return `return function (r) {\n${declare}${body}\n};`;
}

function build<T>(g: Generator, body: string, onError: OnError): (row: Row) => T {
  const names = g.constants.map((_, i) => `k${i}`);
  const make = factory([...names, 'onError'], `'use strict'; ${source(g, body)}`);
  return make(...g.constants, onError) as (row: Row) => T;
}
