import { sameType } from '../data/compare.ts';
import type { Column } from '../data/schema.ts';
import { formatColumn } from '../data/type-text.ts';
import type { Source } from './catalog.ts';
import { type JoinReads, joinReads } from './join-reads.ts';
import type { FormatSpec, QueryPlan, Step } from './plan.ts';

/**
 * What stands in the way of a source taking another's place; undefined: nothing. What reads it goes on with the columns it
 * knows, so these stay as they are and where they are; more may follow them.
 */
export function sourceUpgradeProblem(old: Source, next: Source): string | undefined {
  const different = PARTS.find(
    (part) => !sameJson(withoutSchemas({ [part]: old[part] }), withoutSchemas({ [part]: next[part] })),
  );
  if (different !== undefined) return `its ${SOURCE_PARTS[different]} would be another`;
  if (!sameColumns(old.schema.key, next.schema.key))
    return `its key would be ${listOf(next.schema.key)}, and is ${listOf(old.schema.key)}`;
  // Columns of headers stand behind the others, which more may follow.
  const written = (columns: readonly Column[]) => columns.filter(({ fromHeaders }) => !fromHeaders);
  const after = [
    written(next.schema.value),
    next.schema.value.filter(({ fromHeaders }) => fromHeaders),
  ] as const;
  const wrong = [
    ...written(old.schema.value).filter((column, i) => !sameColumn(column, after[0][i])),
    ...old.schema.value.filter(
      (column) => column.fromHeaders && !after[1].some((other) => sameColumn(column, other)),
    ),
  ];
  return wrong.length === 0
    ? undefined
    : `${listOf(wrong)} would be gone, of another type or in another place`;
}

const PARTS = ['relation', 'topic', 'keyFormat', 'valueFormat', 'window', 'timestamp'] as const;

const SOURCE_PARTS = {
  relation: 'kind',
  topic: 'topic',
  keyFormat: 'key format',
  valueFormat: 'value format',
  window: 'window',
  timestamp: 'TIMESTAMP column',
};

/**
 * What stands in the way of a query going on with the state and the positions of another: everything that state is made by
 * must be the same. Filters and projections may change, since nothing remembers them; but a join of streams keeps of its
 * rows only what was read behind it, so nothing more can be read there of those that wait.
 *
 *   source --> [filter, project] --> rekey, join, aggregate --> [filter, project] --> sink
 *   same          free                       same                    free             columns added
 */
export function queryUpgradeProblem(old: QueryPlan, next: QueryPlan): string | undefined {
  const before = lastingSteps(old.sink.input);
  const after = lastingSteps(next.sink.input);
  for (const [i, step] of before.entries()) {
    const other = after[i];
    if (other === undefined || other.step !== step.step) return `it would have ${nameOf(step)} no more`;
    if (!sameJson(identityOf(step), identityOf(other))) return `${nameOf(step)} would be another`;
  }
  const added = after[before.length];
  if (added) return `it would have ${nameOf(added)} besides`;
  const missing = notKept(joinReads(old.sink), joinReads(next.sink));
  if (missing.length === 0) return undefined;
  return `rows that wait in its join were kept without ${missing.join(' and ')}, which it would read`;
}

/** Of two plans with the same joins: the columns that the second reads of kept rows, and the first does not. */
function notKept(old: readonly JoinReads[], next: readonly JoinReads[]): string[] {
  const missing = next.flatMap((reads, n) =>
    (['left', 'right'] as const).flatMap((side) => {
      const kept = new Set(old[n]?.[side].map(({ name }) => name));
      return reads[side].filter(({ name }) => !kept.has(name));
    }),
  );
  return missing.map(({ name }) => name.replace(/^C\d+_/, ''));
}

/** In the order in which rows pass them, leftmost branch first. */
function lastingSteps(step: Step): Step[] {
  const inputs = Object.values(step).filter(isStep).flatMap(lastingSteps);
  return step.step === 'filterV1' || step.step === 'projectV1' ? inputs : [...inputs, step];
}

function isStep(value: unknown): value is Step {
  return typeof value === 'object' && value !== null && 'step' in value;
}

/** A step without what only says where columns stand, and without those before it. */
function identityOf(step: Step): unknown {
  const own = Object.entries(step).filter(
    ([name, value]) => !['id', 'schema', 'used', 'pseudo'].includes(name) && !isStep(value),
  );
  return withoutPositions(withoutSchemas(Object.fromEntries(own)));
}

/** Records say themselves what they were written with, and may be written otherwise from now on. */
function withoutSchemas(part: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const formats = ['keyFormat', 'valueFormat'].flatMap((name) => {
    if (part[name] === undefined) return [];
    const { schema: _, schemaId: __, ...format } = part[name] as FormatSpec;
    return [[name, format] as const];
  });
  return { ...part, ...Object.fromEntries(formats) };
}

function withoutPositions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPositions);
  if (typeof value !== 'object' || value === null) return value;
  const isColumn = (value as { readonly kind?: unknown }).kind === 'column';
  const entries = Object.entries(value).filter(([name]) => !(isColumn && name === 'index'));
  return Object.fromEntries(entries.map(([name, part]) => [name, withoutPositions(part)]));
}

function nameOf(step: Step): string {
  switch (step.step) {
    case 'sourceV1':
      return `its source ${step.source}`;
    case 'rekeyV1':
      return { PARTITION_BY: 'its PARTITION BY', GROUP_BY: 'its GROUP BY', JOIN: 'the key of its join' }[
        step.purpose
      ];
    case 'aggregateV1':
      return 'its aggregation';
    case 'windowedAggregateV1':
      return 'its windowed aggregation';
    case 'flatMapV1':
      return 'its table functions';
    default:
      return 'its join';
  }
}

function sameColumns(a: readonly Column[], b: readonly Column[]): boolean {
  return a.length === b.length && a.every((column, i) => sameColumn(column, b[i]));
}

function sameColumn(a: Column, b: Column | undefined): boolean {
  return (
    b !== undefined && a.name === b.name && sameType(a.type, b.type) && sameJson(a.fromHeaders, b.fromHeaders)
  );
}

function listOf(columns: readonly Column[]): string {
  return `[${columns.map(formatColumn).join(', ')}]`;
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
