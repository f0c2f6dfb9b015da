import type { Row } from '../data/schema.ts';
import type { SqlValue } from '../data/types.ts';
import type { Expression } from './expression.ts';

export type OnError = (error: Error) => void;

/** What UNIX_TIMESTAMP(), RANDOM() and UUID() see. */
export interface Effects {
  nowMs(): number;
  random(): number;
}

export function compileExpression(
  e: Expression,
  _onError: OnError,
  _effects?: Effects,
): (row: Row) => SqlValue {
  throw new Error(`cannot compile ${e.kind} yet`);
}

/** True rows stay; NULL, false and errors do not. */
export function compilePredicate(
  e: Expression,
  _onError: OnError,
  _effects?: Effects,
): (row: Row) => boolean {
  throw new Error(`cannot compile ${e.kind} yet`);
}

export function compileProjection(
  es: readonly Expression[],
  _onError: OnError,
  _effects?: Effects,
): (row: Row) => SqlValue[] {
  throw new Error(`cannot compile ${es.length} yet`);
}

/** The JavaScript that `compileProjection` runs, for EXPLAIN. */
export function explainSource(es: readonly Expression[]): string {
  throw new Error(`cannot compile ${es.length} yet`);
}
