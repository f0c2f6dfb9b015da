import type { Column } from '../../data/schema.ts';
import type { Code, ColumnCode } from '../../sql/compile/generator.ts';
import type { Effects } from '../../sql/functions/scalar.ts';
import type { JoinInput } from '../operators/join-input.ts';
import type { EmitJoined } from '../operators/stream-join.ts';
import { Fragment, localColumn, valuesOf } from './fragment.ts';
import type { RowCode } from './row-code.ts';
import { storeKeyCode } from './stream-steps.ts';

/** What follows a join, as a function over rows of both sides, and which of their columns it reads. */
export interface JoinedCode {
  readonly emit: EmitJoined;
  /** Positions in each side's rows, in the order in which the join keeps their values. */
  readonly used: readonly [readonly number[], readonly number[]];
}

/**
 * Compiles the steps behind a join. Rows wait in the join's store, so this is where a stream's code is cut in two: each
 * side's source ends in `inputCode`, and what is joined goes on here.
 *
 *   left source --inputCode--> +------+
 *                              | join | --emit(key, left, right)--> steps behind the join
 *   right source -inputCode--> +------+
 */
export function compileJoined(
  widths: { readonly key: number; readonly left: number; readonly right: number },
  next: RowCode,
  effects: Effects,
): JoinedCode {
  const fragment = new Fragment(effects);
  const used: [number[], number[]] = [[], []];
  const key = Array.from({ length: widths.key }, (_, index) => localColumn(`key[${index}]`));
  const left = Array.from({ length: widths.left }, (_, index) => new KeptColumn('left', index, used[0]));
  const right = Array.from({ length: widths.right }, (_, index) => new KeptColumn('right', index, used[1]));
  const body = next.row([...key, ...left, ...right], fragment);
  return { emit: fragment.build('c, key, left, right, timestampMs, partition, offset', body), used };
}

/** A column of a side; the join keeps it once somebody has asked for it. */
class KeptColumn implements ColumnCode {
  readonly #row: string;
  readonly #index: number;
  readonly #used: number[];

  constructor(row: string, index: number, used: number[]) {
    this.#row = row;
    this.#index = index;
    this.#used = used;
  }

  code(): Code {
    const known = this.#used.indexOf(this.#index);
    const at = known < 0 ? this.#used.push(this.#index) - 1 : known;
    return { js: `${this.#row}[${at}]`, nullable: true, simple: true };
  }
}

export interface JoinInputShape {
  /** The columns that keys are compared by, which begin the key. */
  readonly compared: readonly Column[];
  readonly keyWidth: number;
  readonly used: readonly number[];
  /** The end of a time window follows from its start, and windows of two sizes may meet. */
  readonly windowSizeMs: number | undefined;
}

/** One side's rows, given to the join. */
export function inputCode(input: JoinInput, shape: JoinInputShape): RowCode {
  const { compared, keyWidth, used, windowSizeMs } = shape;
  return {
    row(columns, fragment) {
      const key = fragment.local('key');
      const to = fragment.constant(input);
      const ends = windowSizeMs === undefined ? [] : [endCode(columns[keyWidth - 2], windowSizeMs)];
      const keyColumns = [valuesOf(columns.slice(0, keyWidth - ends.length)), ...ends].join(', ');
      const values = valuesOf(used.map((index) => columns[index] as ColumnCode));
      const rest = `[${values}], c, timestampMs, partition, offset`;
      return `if (timestampMs >= 0) {
const ${key} = ${storeKeyCode(compared, columns.slice(0, compared.length), fragment)};
if (${key} === null) ${to}.pushKeyless([${keyColumns}], ${rest});
else ${to}.push(${to}.find(${key}) ?? ${to}.open(${key}, [${keyColumns}], partition), ${rest});
}`;
    },
    nullRow: (_, fragment) =>
      `if (timestampMs >= 0) ${fragment.constant(input)}.pass(timestampMs, partition);`,
  };
}

function endCode(start: ColumnCode | undefined, sizeMs: number): string {
  const { js } = (start as ColumnCode).code();
  return `(${js} === null ? null : ${js} + ${sizeMs})`;
}
