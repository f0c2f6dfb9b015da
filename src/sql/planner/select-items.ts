import { formatType } from '../../data/type-text.ts';
import { analyse } from '../analyse/analyse-expression.ts';
import type { At, Expr, Query, SelectItem } from '../ast.ts';
import { exprText } from '../expression-text.ts';
import { SqlError } from '../sql-error.ts';
import { didYouMean } from '../suggest.ts';
import { type BoundColumn, type Pipeline, SYNTHETIC } from './pipeline.ts';
import { isWindowBound } from './window.ts';

/** One result column: `*` is expanded, the name is decided. */
export interface Item extends At {
  readonly expression: Expr;
  readonly name: string;
}

/** What becomes of the rows: they are written to a topic, or shown to somebody. */
export type Purpose = 'sink' | 'reading';

/** SELECT's items as named expressions, before anything is typed. */
export function selectItems(query: Query, pipeline: Pipeline, purpose: Purpose): Item[] {
  const expanded = query.items.flatMap((item) => expand(item, query, pipeline, purpose));
  const taken = new Set([
    ...pipeline.columns.map((column) => column.name),
    ...expanded.map((item) => item.name),
  ]);
  let number = 0;
  const fieldNames = new Set<string>();
  return expanded.map(({ expression, name, line, column }) => {
    if (name !== undefined) return { expression, name, line, column };
    const field = expression.kind === 'field' ? uniqueField(expression.name, fieldNames, taken) : undefined;
    let generated = field;
    while (generated === undefined) {
      const candidate = `KSQL_COL_${number++}`;
      if (!taken.has(candidate)) generated = candidate;
    }
    return { expression, name: generated, line, column };
  });
}

/** `s->F` is called F, or F_1, F_2 ... when that is in use. */
function uniqueField(name: string, fields: Set<string>, taken: ReadonlySet<string | undefined>): string {
  let unique = name;
  for (let n = 1; fields.has(unique) || taken.has(unique); n++) unique = `${name}_${n}`;
  fields.add(unique);
  return unique;
}

interface Expanded extends At {
  readonly expression: Expr;
  readonly name: string | undefined;
}

function expand(item: SelectItem, query: Query, pipeline: Pipeline, purpose: Purpose): Expanded[] {
  const at = { line: item.line, column: item.column };
  switch (item.kind) {
    case 'structStar': {
      const { type } = analyse(item.base, pipeline);
      if (type.kind !== 'STRUCT') {
        throw new SqlError(
          `->* needs a STRUCT but ${exprText(item.base)} is ${formatType(type)}.`,
          item.line,
          item.column,
        );
      }
      return type.fields.map(({ name }) => ({
        expression: { kind: 'field', base: item.base, name, ...at },
        name: undefined,
        ...at,
      }));
    }
    case 'star':
      return starColumns(item, query, pipeline, purpose).map(({ alias, name }) => {
        if (alias === SYNTHETIC) return { expression: { kind: 'name', name, ...at }, name, ...at };
        const expression = { kind: 'name', source: alias, name, ...at } as const;
        // ksqlDB: in a join every column of a star gets its source's alias in front, needed or not.
        return { expression, name: query.joins.length > 0 ? `${alias}_${name}` : name, ...at };
      });
    case 'expression': {
      const { expression, alias } = item;
      return [{ expression, name: alias ?? columnName(expression, query, pipeline), ...at }];
    }
  }
}

/**
 * PARTITION BY moves the old key behind the value columns, as the row that is written has it. The bounds of a windowed
 * key are written with the key, so only a join, whose result has one key, takes them among its values.
 */
function starColumns(
  item: Extract<SelectItem, { kind: 'star' }>,
  query: Query,
  pipeline: Pipeline,
  purpose: Purpose,
): BoundColumn[] {
  if (item.source !== undefined && !pipeline.aliases.includes(item.source)) {
    throw new SqlError(
      `No source of this query is called ${item.source}.${didYouMean(item.source, pipeline.aliases)}`,
      item.line,
      item.column,
    );
  }
  const columns = pipeline.columns
    .filter((column) => item.source === undefined || column.alias === item.source)
    .filter((column) => !column.pseudo || starHasPseudoColumns(query))
    .filter((column) => !column.bound || purpose === 'reading' || query.joins.length > 0);
  if (query.partitionBy.length === 0) return columns;
  const ofSources = Map.groupBy(columns, ({ alias }) => alias).values();
  return [...ofSources].flatMap((each) => [
    ...each.filter((column) => !column.key),
    ...each.filter((column) => column.key),
  ]);
}

/** ksqlDB's star over a join that gets another key takes everything there is. */
export function starHasPseudoColumns({ joins, partitionBy }: Query): boolean {
  return joins.length > 0 && partitionBy.length > 0;
}

/** A plain column keeps its name; with its source's in front when another source has one of the same name. */
function columnName(e: Expr, query: Query, pipeline: Pipeline): string | undefined {
  if (e.kind !== 'name') return undefined;
  // Those of the window that is about to be made are no columns yet.
  if (query.window !== undefined && isWindowBound(e.name)) return e.name;
  const { alias, name, pseudo } = pipeline.find(e);
  const clashes = pipeline.columns.some((column) => column.name === name && column.alias !== alias);
  return clashes || (pseudo && pipeline.aliases.length > 1) ? `${alias}_${name}` : name;
}

/** The name a grouping or partitioning expression gets: that of the item that selects it, else its own. */
export function keyNames(expressions: readonly Expr[], items: readonly Item[], pipeline: Pipeline): string[] {
  const used = new Set(items.map((item) => item.name));
  let number = 0;
  return expressions.map((e) => {
    const text = pipeline.textOf(e);
    const item = items.find((candidate) => pipeline.textOf(candidate.expression) === text);
    if (item !== undefined) return item.name;
    if (e.kind === 'name' || e.kind === 'field') return e.name;
    let generated = `KSQL_COL_${number++}`;
    while (used.has(generated)) generated = `KSQL_COL_${number++}`;
    used.add(generated);
    return generated;
  });
}
