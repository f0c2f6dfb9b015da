import type { Row } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';

/**
 * Compiles `(a, b) => [a[i], ..., b[j], ...]`: one allocation of the right size, where concat and push cost several
 * times as much on every row.
 */
export function rowJoiner(
  fromFirst: readonly number[],
  fromSecond: readonly number[],
): (first: Row, second: Row) => Row {
  return compile(['a', 'b'], [cellsOf('a', fromFirst), cellsOf('b', fromSecond)]);
}

/** A row of a join of tables: the key's columns, then both sides'; null for a side that is not there. */
export type JoinRows = (key: Row, left: Row | null, right: Row | null) => Row;

export function tableRowJoiner(keyWidth: number, leftWidth: number, rightWidth: number): JoinRows {
  const [key, left, right] = [indexes(keyWidth), indexes(leftWidth), indexes(rightWidth)];
  const join = compile<(key: Row, left: Row, right: Row) => Row>(
    ['key', 'left', 'right'],
    [cellsOf('key', key), cellsOf('left', left), cellsOf('right', right)],
  );
  const noLeft = emptyRow(leftWidth);
  const noRight = emptyRow(rightWidth);
  return (keyRow, leftRow, rightRow) => join(keyRow, leftRow ?? noLeft, rightRow ?? noRight);
}

export function indexes(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function emptyRow(width: number): Row {
  return new Array<SqlValue>(width).fill(null);
}

function cellsOf(name: string, positions: readonly number[]): string[] {
  return positions.map((index) => `${name}[${index}]`);
}

function compile<Join>(parameters: readonly string[], cells: readonly string[][]): Join {
  return new Function(...parameters, `'use strict'; return [${cells.flat().join(', ')}];`) as Join;
}
