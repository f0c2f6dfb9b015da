import type { Row } from '../data/schema.ts';
import type { SqlValue } from '../data/types.ts';
import type { EncodedHeaders } from '../record/batch-builder.ts';
import { type ColumnCode, columnOfRow } from '../sql/compile/generator.ts';
import type { OnError } from '../sql/compile.ts';
import type { Expression } from '../sql/expression.ts';
import type { Aggregator } from '../sql/functions/aggregate.ts';
import type { Effects } from '../sql/functions/scalar.ts';
import { Fragment, localColumn } from './compile/fragment.ts';
import type { TableRow } from './materialized-table.ts';
import type { StoreEntry } from './store/store.ts';

/**
 * One group: its key columns and what its aggregates have gathered, changed in place. The aggregates' states are further
 * properties `s0`, `s1` ... of the class that {@link GroupLayout} compiles.
 */
export interface Group extends StoreEntry {
  readonly key: Row;
  timestampMs: number;
  /** Of the record that changed it last. */
  partition: number;
  offset: number;
  headers: EncodedHeaders | undefined;
  /** What those below were told last, kept where they ask for old rows. */
  told: Row | null;
  /** Where the sink's table keeps its row. */
  sinkRow: TableRow | undefined;
}

export interface BoundCall {
  readonly aggregator: Aggregator;
  readonly args: readonly Expression[];
}

/** Computes over a group's key columns and results. */
export type FromGroup = (group: Group) => Row;

/** Groups of one aggregation: a class with fixed fields, and functions compiled for it. */
export class GroupLayout {
  readonly calls: readonly BoundCall[];
  readonly create: (key: Row) => Group;
  readonly add: (group: Group, row: Row) => void;
  readonly undo: (group: Group, row: Row) => void;
  /** Key columns, then results. */
  readonly result: FromGroup;
  readonly save: (group: Group) => SqlValue[];
  readonly load: (group: Group, saved: readonly SqlValue[]) => void;
  readonly #keyWidth: number;
  readonly #inputWidth: number;
  readonly #onError: OnError;
  readonly #effects: Effects;

  constructor(options: {
    readonly calls: readonly BoundCall[];
    readonly keyWidth: number;
    /** Columns of the rows that are added. */
    readonly inputWidth: number;
    readonly onError: OnError;
    readonly effects: Effects;
  }) {
    const { calls } = options;
    this.calls = calls;
    this.#keyWidth = options.keyWidth;
    this.#inputWidth = options.inputWidth;
    this.#onError = options.onError;
    this.#effects = options.effects;
    this.create = this.#compileCreate();
    this.add = this.#compileUpdate((fragment, columns) => this.addCode(fragment, 'g', columns));
    this.undo = calls.every(({ aggregator }) => aggregator.undo)
      ? this.#compileUpdate((fragment, columns) => this.#undoCode(fragment, columns))
      : () => {
          throw new Error('the aggregate cannot take a row back, so it cannot run over a table');
        };
    this.result = this.compileFrom((_, columns) => ({ lines: '', columns }));
    const { saveCode, loadCode } = savingCode(calls);
    this.save = this.#build((fragment) => fragment.build('g', `return [${saveCode(fragment)}];`));
    this.load = this.#build((fragment) => fragment.build('g, saved', loadCode(fragment)));
  }

  /** Statements that add a row with these columns to the group named `group`. */
  addCode(fragment: Fragment, group: string, columns: readonly ColumnCode[]): string {
    return this.calls
      .map(({ aggregator, args }, index) => {
        const state = `${group}.s${index}`;
        const given = fragment.columns(args, columns, this.#onError);
        const names = given.columns.map((column) => column.code().js);
        const add =
          aggregator.addCode && names.length <= 1
            ? this.#addInPlace(aggregator.addCode, fragment, state, names[0])
            : `${state} = ${fragment.constant(aggregator)}.add(${[state, ...names].join(', ')});`;
        return `${given.lines}\n${add}`;
      })
      .join('\n');
  }

  /** A function from a group to a row, made of its key columns and results by `generate`. */
  compileFrom(
    generate: (
      fragment: Fragment,
      columns: readonly ColumnCode[],
    ) => { readonly lines: string; readonly columns: readonly ColumnCode[] },
  ): FromGroup {
    const fragment = new Fragment(this.#effects);
    const keys = Array.from({ length: this.#keyWidth }, (_, index) => localColumn(`g.key[${index}]`));
    const results = this.calls.map(({ aggregator }, index) =>
      localColumn(
        aggregator.stateIsResult ? `g.s${index}` : `${fragment.constant(aggregator)}.result(g.s${index})`,
      ),
    );
    const { lines, columns } = generate(fragment, [...keys, ...results]);
    const row = columns.map((column) => column.code().js).join(', ');
    return fragment.build('g', `${lines}\nreturn [${row}];`);
  }

  /** The argument in a variable, as the code names it more than once. */
  #addInPlace(
    addCode: NonNullable<Aggregator['addCode']>,
    fragment: Fragment,
    state: string,
    argument: string | undefined,
  ): string {
    if (argument === undefined) return addCode(state, '');
    const name = fragment.local('argument');
    return `const ${name} = ${argument};\n${addCode(state, name)}`;
  }

  #undoCode(fragment: Fragment, columns: readonly ColumnCode[]): string {
    return this.calls
      .map(({ aggregator, args }, index) => {
        const given = fragment.columns(args, columns, this.#onError);
        const names = given.columns.map((column) => column.code().js);
        return `${given.lines}\ng.s${index} = ${fragment.constant(aggregator)}.undo(${[`g.s${index}`, ...names].join(', ')});`;
      })
      .join('\n');
  }

  #compileUpdate(
    generate: (fragment: Fragment, columns: readonly ColumnCode[]) => string,
  ): (group: Group, row: Row) => void {
    const input = Array.from({ length: this.#inputWidth }, (_, index) => columnOfRow(index));
    return this.#build((fragment) => fragment.build('g, r', generate(fragment, input)));
  }

  #compileCreate(): (key: Row) => Group {
    const fragment = new Fragment(this.#effects);
    const states = this.calls.map(
      ({ aggregator }, index) => `this.s${index} = ${fragment.constant(aggregator)}.initial();`,
    );
    const make = fragment.build<() => (key: Row) => Group>(
      '',
      `class Group {
  constructor(key) {
    this.key = key; this.timestampMs = -1; this.partition = -1; this.offset = -1;
    this.headers = undefined; this.told = null; this.sinkRow = undefined; this.isDirty = false;
    ${states.join('\n    ')}
  }
}
return (key) => new Group(key);`,
    );
    return make();
  }

  #build<Compiled>(make: (fragment: Fragment) => Compiled): Compiled {
    return make(new Fragment(this.#effects));
  }
}

function savingCode(calls: readonly BoundCall[]): {
  saveCode: (fragment: Fragment) => string;
  loadCode: (fragment: Fragment) => string;
} {
  return {
    saveCode: (fragment) =>
      calls.map(({ aggregator }, index) => `${fragment.constant(aggregator)}.save(g.s${index})`).join(', '),
    loadCode: (fragment) =>
      calls
        .map(
          ({ aggregator }, index) =>
            `g.s${index} = ${fragment.constant(aggregator)}.load(saved[${index}] ?? null);`,
        )
        .join('\n'),
  };
}
