// Functions as a user would write them, one of each kind.
import { defineFunction } from '../../src/sql/functions/user-functions.ts';

export const initials = defineFunction({
  kind: 'scalar',
  name: 'initials',
  description: 'The first letters of the words of a text.',
  author: 'a test',
  version: '2',
  variants: [
    {
      signature: 'STRING text -> STRING',
      make:
        ({ separator = '' }) =>
        (text: string) =>
          text
            .split(' ')
            .map((word) => word[0])
            .join(separator),
    },
  ],
});

export const words = defineFunction({
  kind: 'table',
  name: 'words',
  variants: [{ signature: 'STRING -> ARRAY<STRING>', call: (text: string) => text.split(' ') }],
});

interface Spread {
  readonly LOW: number;
  readonly HIGH: number;
}

/** How far the numbers are apart, at least as far as the start says. */
export const spread = defineFunction({
  kind: 'aggregate',
  name: 'spread',
  description: 'The largest number less the smallest.',
  variants: [
    {
      signature: 'INTEGER number | INTEGER least -> INTEGER',
      state: 'STRUCT<LOW INTEGER, HIGH INTEGER, LEAST INTEGER>',
      initial: ([least]) => ({ LOW: null, HIGH: null, LEAST: least }),
      add: (state: Spread, value: number) => ({
        ...state,
        LOW: Math.min(state.LOW ?? value, value),
        HIGH: Math.max(state.HIGH ?? value, value),
      }),
      merge: (a: Spread, b: Spread) => ({
        ...a,
        LOW: Math.min(a.LOW, b.LOW),
        HIGH: Math.max(a.HIGH, b.HIGH),
      }),
      result: ({ LOW, HIGH, LEAST }: Spread & { readonly LEAST: number }) => Math.max(HIGH - LOW, LEAST),
    },
  ],
});

export const twice = defineFunction({
  kind: 'scalar',
  name: 'twice',
  variants: [
    {
      signature: 'ARRAY<T>, LAMBDA<T, T> -> ARRAY<T>',
      call: <T>(list: readonly T[], next: (item: T) => T) => list.map((item) => next(next(item))),
    },
    { signature: 'DECIMAL -> DECIMAL', call: (text: string) => String(Number(text) * 2) },
    { signature: 'INTEGER -> INTEGER', call: (number: number) => number * 2 },
  ],
});
