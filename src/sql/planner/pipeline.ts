import type { Column } from '../../data/schema.ts';
import type { SqlType } from '../../data/types.ts';
import type { Scope } from '../analyse/analyse-expression.ts';
import type { AliasedSource, Expr, ExprOf } from '../ast.ts';
import type { Catalog, Source } from '../catalog.ts';
import type { ColumnExpression, Expression } from '../expression.ts';
import { exprText, nameText } from '../expression-text.ts';
import type { KeyWindow, PseudoColumn, RekeyStep, SourceStep, Step } from '../plan.ts';
import { SqlError } from '../sql-error.ts';
import { didYouMean } from '../suggest.ts';
import { rowSchema, WINDOW_COLUMNS } from './window.ts';

/** The alias of the key column of a join whose key is no column of any source: `ROWKEY`. */
export const SYNTHETIC = '';

/** A source's column and where it stands in the row that flows at present. */
export interface BoundColumn extends Column {
  readonly alias: string;
  readonly key: boolean;
  readonly pseudo: boolean;
  /** WINDOWSTART or WINDOWEND of a windowed source: beside the key, filled without being decoded. */
  readonly bound: boolean;
  readonly index: number;
  /** Tells the source step that somebody reads it. */
  readonly use: () => void;
}

/** A column of the key that rows have at present, and the expressions known to equal it, best first. */
export interface KeyColumn extends Column {
  readonly texts: readonly string[];
}

/**
 * The plan while it is built: the last step, and what every name means in the rows that it emits.
 *
 *   source      key [windowStart windowEnd] value pseudo
 *   rekey       newKey | key value           every known column moves right by the new key's length
 *   join        key | leftKey leftValue | rightKey rightValue
 */
export class Pipeline implements Scope {
  readonly catalog: Catalog;
  step: Step;
  columns: readonly BoundColumn[];
  keys: readonly KeyColumn[];
  /** Set while the key has a window, whose bounds follow the key columns. */
  window: PipelineWindow | undefined;
  /** What an unresolved name is called in errors: `SELECT column`, `WHERE column`. */
  clause = 'SELECT';

  constructor(
    catalog: Catalog,
    from: AliasedSource,
    source: Source,
    pseudo: readonly PseudoColumn[],
    id: string,
  ) {
    this.catalog = catalog;
    const used = new UsedPositions();
    const schema = rowSchema(source.schema, source.window);
    const width = schema.key.length + schema.value.length;
    const isBound = (index: number) => index >= source.schema.key.length && index < schema.key.length;
    const bind = (column: Column, index: number): BoundColumn => ({
      ...column,
      alias: from.alias,
      key: index < source.schema.key.length,
      bound: isBound(index),
      pseudo: index >= width,
      index,
      use: () => {
        if (!isBound(index)) used.add(index, width);
      },
    });
    const pseudoColumns = pseudo.map((name): Column => ({ name, type: pseudoType(name) }));
    this.columns = [...schema.key, ...schema.value, ...pseudoColumns].map(bind);
    this.window = source.window && pipelineWindow(source.window, [from.alias]);
    this.keys = source.schema.key.map((column) => ({
      ...column,
      texts: [columnText(from.alias, column.name)],
    }));
    const step: SourceStep = {
      step: 'sourceV1',
      id,
      schema,
      relation: source.relation,
      source: source.name,
      topic: source.topic,
      keyFormat: source.keyFormat,
      valueFormat: source.valueFormat,
      used: used.positions,
      pseudo,
      ...(source.window && { window: source.window }),
      ...(source.timestamp && { timestamp: source.timestamp }),
    };
    this.step = step;
    // A table's rows are told apart by their key, and a column that gives ROWTIME is read for it.
    if (source.relation === 'TABLE') this.useKey();
    if (source.timestamp) this.columns.find((column) => column.name === source.timestamp!.column)?.use();
  }

  useKey(): void {
    for (const column of this.columns) if (column.key) column.use();
  }

  /** What has come together so far. */
  get sources(): SourceStep[] {
    return sourcesOf(this.step);
  }

  get aliases(): string[] {
    return [...new Set(this.columns.map((column) => column.alias))].filter((alias) => alias !== SYNTHETIC);
  }

  column(e: ExprOf<'name'>): ColumnExpression {
    const found = this.find(e);
    found.use();
    return { kind: 'column', index: found.index, name: found.name, type: found.type };
  }

  find(e: ExprOf<'name'>): BoundColumn {
    if (e.source !== undefined && !this.aliases.includes(e.source)) {
      throw new SqlError(
        `No source of this query is called ${e.source}.${didYouMean(e.source, this.aliases)}`,
        e.line,
        e.column,
      );
    }
    const matches = this.columns.filter(
      (column) => column.name === e.name && (e.source === undefined || column.alias === e.source),
    );
    // Every source has its own pseudo columns and bounds; without a qualifier the leftmost one's are meant.
    const [first] = matches;
    if (first !== undefined && (matches.length === 1 || first.pseudo || first.bound)) return first;
    if (first !== undefined) {
      const candidates = matches.map((column) => columnText(column.alias, column.name)).join(' or ');
      throw new SqlError(`More than one source has a column ${e.name}: say ${candidates}.`, e.line, e.column);
    }
    const names = this.columns.filter((column) => e.source === undefined || column.alias === e.source);
    const hint = didYouMean(
      e.name,
      names.map((column) => column.name),
    );
    throw new SqlError(`There is no column ${exprText(e)} for ${this.clause}.${hint}`, e.line, e.column);
  }

  /** An expression as text with every name fully qualified: two texts are equal when the expressions are. */
  textOf(e: Expr): string {
    return exprText(e, (name) => {
      const { source = this.#aliasOf(name.name) } = name;
      return source === undefined ? nameText(name.name) : columnText(source, name.name);
    });
  }

  /** Of a name without a source; undefined for what is no column (`DAYS`), which analysis judges. */
  #aliasOf(name: string): string | undefined {
    return this.columns.find((column) => column.name === name)?.alias;
  }

  /** Position of the key column, or window bound, that an expression equals, or -1. */
  keyPosition(e: Expr): number {
    const text = this.textOf(e);
    const position = this.keys.findIndex((key) => key.texts.includes(text));
    if (position >= 0) return position;
    const bound = this.window?.texts.findIndex((texts) => texts.includes(text)) ?? -1;
    return bound < 0 ? -1 : this.keys.length + bound;
  }

  /** Gives rows a new key; what was known of the columns stays true. */
  rekey(
    keys: readonly KeyColumn[],
    expressions: readonly Expression[],
    purpose: RekeyStep['purpose'],
    id: string,
  ): void {
    const { schema, relation } = this.step;
    const shift = keys.length;
    this.step = {
      step: 'rekeyV1',
      id,
      relation,
      purpose,
      schema: { key: keys.map(plainColumn), value: [...schema.key, ...schema.value] },
      input: this.step,
      key: expressions,
    };
    this.columns = this.columns.map((column) => ({ ...column, index: column.index + shift }));
    this.keys = keys;
    this.window = undefined;
  }
}

function sourcesOf(step: Step): SourceStep[] {
  if (step.step === 'sourceV1') return [step];
  return 'left' in step ? [step.left, step.right].flatMap(sourcesOf) : sourcesOf(step.input);
}

/** The window of a key, and the texts by which expressions name its bounds. */
export interface PipelineWindow {
  readonly key: KeyWindow;
  readonly texts: readonly (readonly string[])[];
}

/** With and without a source in front. */
export function pipelineWindow(key: KeyWindow, aliases: readonly string[]): PipelineWindow {
  const texts = WINDOW_COLUMNS.map(({ name }) => [
    nameText(name),
    ...aliases.map((alias) => columnText(alias, name)),
  ]);
  return { key, texts };
}

/** The `used` list of a source step; it grows while the query is analysed. */
class UsedPositions {
  readonly positions: number[] = [];

  /** Positions from `end` on are pseudo columns, which are not decoded. */
  add(position: number, end: number): void {
    if (position >= end || this.positions.includes(position)) return;
    this.positions.push(position);
    this.positions.sort((a, b) => a - b);
  }
}

export function columnText(alias: string, name: string): string {
  return alias === SYNTHETIC ? nameText(name) : `${nameText(alias)}.${nameText(name)}`;
}

export function plainColumn({ name, type }: Column): Column {
  return { name, type };
}

function pseudoType(name: string): SqlType {
  return { kind: name === 'ROWPARTITION' ? 'INTEGER' : 'BIGINT' };
}
