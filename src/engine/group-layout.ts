import type { Column, Row } from '../data/schema.ts';
import type { SqlValue } from '../data/types.ts';
import type { ByteWriter } from '../serde/byte-writer.ts';
import { objectCode } from '../serde/json-writer.ts';
import { type ColumnCode, columnOfRow } from '../sql/compile/generator.ts';
import type { OnError } from '../sql/compile.ts';
import type { Expression } from '../sql/expression.ts';
import type { Aggregator } from '../sql/functions/aggregate.ts';
import type { Effects } from '../sql/functions/scalar.ts';
import { Fragment, localColumn } from './compile/fragment.ts';
import type { Group } from './store/group-store.ts';
import { bytesOfValues, isOfFixedSize } from './store/memory-bytes.ts';

export interface BoundCall {
  readonly aggregator: Aggregator;
  readonly args: readonly Expression[];
}

/** Appends bytes made of a group. */
export type WriteGroup = (group: Group, out: ByteWriter) => void;

/** Computes over a group's key columns and results. */
export type FromGroup = (group: Group) => Row;

/** Columns made of a group's key columns and results. */
export type GroupColumns = (
  fragment: Fragment,
  columns: readonly ColumnCode[],
) => { readonly lines: string; readonly columns: readonly ColumnCode[] };

/** Groups of one aggregation: a class with fixed fields, and functions compiled for it. */
export class GroupLayout {
  readonly calls: readonly BoundCall[];
  /** From its key columns. */
  readonly create: (...key: readonly SqlValue[]) => Group;
  readonly keyOf: FromGroup;
  readonly add: (group: Group, row: Row) => void;
  readonly undo: (group: Group, row: Row) => void;
  /** Adds what a later group has gathered, which is of no use afterwards. */
  readonly merge: (group: Group, later: Group) => void;
  /** Key columns, then results. */
  readonly result: FromGroup;
  readonly save: (group: Group) => SqlValue[];
  readonly load: (group: Group, saved: readonly SqlValue[]) => void;
  readonly keyWidth: number;
  /** Whether all groups take about the same memory; else they have `stateBytes`. */
  readonly isOfFixedSize: boolean;
  readonly #inputWidth: number;
  readonly #onError: OnError;
  readonly #effects: Effects;
  readonly #moreFields: readonly string[];

  constructor(options: {
    readonly calls: readonly BoundCall[];
    readonly keyWidth: number;
    /** Columns of the rows that are added. */
    readonly inputWidth: number;
    readonly onError: OnError;
    readonly effects: Effects;
    /** Assignments to fields that the store of these groups needs besides. */
    readonly moreFields?: readonly string[];
  }) {
    const { calls } = options;
    this.calls = calls;
    this.keyWidth = options.keyWidth;
    this.isOfFixedSize = calls.every(({ aggregator }) => isOfFixedSize(aggregator.stateType));
    this.#inputWidth = options.inputWidth;
    this.#onError = options.onError;
    this.#effects = options.effects;
    this.#moreFields = options.moreFields ?? [];
    this.create = this.#compileCreate();
    this.add = this.#compileUpdate((fragment, columns) => this.addCode(fragment, 'g', columns));
    this.undo = calls.every(({ aggregator }) => aggregator.undo)
      ? this.#compileUpdate((fragment, columns) => this.#undoCode(fragment, columns))
      : () => {
          throw new Error('the aggregate cannot take a row back, so it cannot run over a table');
        };
    this.result = this.#compile((_, columns) => ({ lines: '', columns }));
    this.keyOf = this.#compile((_, columns) => ({ lines: '', columns: columns.slice(0, this.keyWidth) }));
    this.merge = this.#build((fragment) => fragment.build('g, later', mergeCode(calls, fragment)));
    const { saveCode, loadCode } = savingCode(calls);
    this.save = this.#build((fragment) => fragment.build('g', `return [${saveCode(fragment)}];`));
    this.load = this.#build((fragment) => fragment.build('g, saved', loadCode(fragment)));
  }

  /** What a group's states take now, beside its fields. */
  stateBytes(group: Group): number {
    return bytesOfValues(this.save(group));
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

  /** Appends the key columns as a JSON object, without an array in between. */
  keyWriter(columns: readonly Column[]): WriteGroup {
    return this.#build((fragment) => {
      const values = columns.map((_, index) => ({ value: `g.k${index}` }));
      return fragment.build(
        'g, out',
        objectCode(columns, values, (value) => fragment.constant(value)),
      );
    });
  }

  /** The same for what `save` gives. */
  savedWriter(columns: readonly Column[]): WriteGroup {
    return this.#build((fragment) => {
      const values = savedStates(this.calls, fragment).map((value) => ({ value }));
      return fragment.build(
        'g, out',
        objectCode(columns, values, (value) => fragment.constant(value)),
      );
    });
  }

  /** What `make` says, for all groups, of code for their key columns and results. */
  compile<Compiled>(make: (fragment: Fragment, columns: readonly ColumnCode[]) => Compiled): Compiled {
    const fragment = new Fragment(this.#effects);
    return make(fragment, this.#columns(fragment));
  }

  /** Undefined where the row would not be the same each time. */
  compilePure(generate: GroupColumns): FromGroup | undefined {
    return this.#compileFrom(generate, true);
  }

  #compile(generate: GroupColumns): FromGroup {
    return this.#compileFrom(generate, false) as FromGroup;
  }

  #compileFrom(generate: GroupColumns, mustBePure: boolean): FromGroup | undefined {
    const fragment = new Fragment(this.#effects);
    const { lines, columns } = generate(fragment, this.#columns(fragment));
    if (mustBePure && !fragment.generator.isPure) return undefined;
    const row = columns.map((column) => column.code().js).join(', ');
    return fragment.build('g', `${lines}\nreturn [${row}];`);
  }

  #columns(fragment: Fragment): ColumnCode[] {
    const keys = Array.from({ length: this.keyWidth }, (_, index) => localColumn(`g.k${index}`));
    const results = this.calls.map(({ aggregator }, index) =>
      localColumn(
        aggregator.stateIsResult ? `g.s${index}` : `${fragment.constant(aggregator)}.result(g.s${index})`,
      ),
    );
    return [...keys, ...results];
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

  #compileCreate(): (...key: readonly SqlValue[]) => Group {
    const fragment = new Fragment(this.#effects);
    const key = Array.from({ length: this.keyWidth }, (_, index) => `k${index}`);
    const fields = [
      'timestampMs = -1',
      'partition = -1',
      'offset = -1',
      'headers = undefined',
      'told = null',
      'isKnown = false',
      'isDirty = false',
      'committed = undefined',
      'next = undefined',
      'mark = 0',
      ...(this.isOfFixedSize ? [] : ['stateBytes = 0']),
      ...this.#moreFields,
      ...key.map((name) => `${name} = ${name}_`),
      ...this.calls.map(({ aggregator }, index) => `s${index} = ${fragment.constant(aggregator)}.initial()`),
    ];
    const parameters = key.map((name) => `${name}_`).join(', ');
    const make = fragment.build<() => (...values: readonly SqlValue[]) => Group>(
      '',
      `class Group {
  constructor(${parameters}) {
    ${fields.map((field) => `this.${field};`).join('\n    ')}
  }
}
return (${parameters}) => new Group(${parameters});`,
    );
    return make();
  }

  #build<Compiled>(make: (fragment: Fragment) => Compiled): Compiled {
    return make(new Fragment(this.#effects));
  }
}

function mergeCode(calls: readonly BoundCall[], fragment: Fragment): string {
  return calls
    .map(
      ({ aggregator }, index) =>
        `g.s${index} = ${fragment.constant(aggregator)}.merge(g.s${index}, later.s${index});`,
    )
    .join('\n');
}

function savedStates(calls: readonly BoundCall[], fragment: Fragment): string[] {
  return calls.map(({ aggregator }, index) => `${fragment.constant(aggregator)}.save(g.s${index})`);
}

function savingCode(calls: readonly BoundCall[]): {
  saveCode: (fragment: Fragment) => string;
  loadCode: (fragment: Fragment) => string;
} {
  return {
    saveCode: (fragment) => savedStates(calls, fragment).join(', '),
    loadCode: (fragment) =>
      calls
        .map(
          ({ aggregator }, index) =>
            `g.s${index} = ${fragment.constant(aggregator)}.load(saved[${index}] ?? null);`,
        )
        .join('\n'),
  };
}
