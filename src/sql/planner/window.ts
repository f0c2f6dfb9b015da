import type { Column, Schema } from '../../data/schema.ts';
import type { At, Duration, Query, WindowClause } from '../ast.ts';
import { BIGINT } from '../operators.ts';
import type { KeyWindow, WindowedAggregateStep, WindowSpec } from '../plan.ts';
import { SqlError } from '../sql-error.ts';
import type { WithProperties } from './with-properties.ts';

/** What a windowed key has besides its columns. */
export const WINDOW_COLUMNS: readonly Column[] = [
  { name: 'WINDOWSTART', type: BIGINT },
  { name: 'WINDOWEND', type: BIGINT },
];

export function isWindowBound(name: string): boolean {
  return WINDOW_COLUMNS.some((column) => column.name === name);
}

/** The rows that steps over a topic pass on: a windowed key includes its bounds. */
export function rowSchema(schema: Schema, window: KeyWindow | undefined): Schema {
  return window === undefined ? schema : { ...schema, key: [...schema.key, ...WINDOW_COLUMNS] };
}

/** What a catalog says of such rows. */
export function declaredSchema(schema: Schema, window: KeyWindow | undefined): Schema {
  return window === undefined ? schema : { ...schema, key: schema.key.slice(0, -WINDOW_COLUMNS.length) };
}

export function keyWindowOf({ window, retentionMs }: Pick<Windowing, 'window' | 'retentionMs'>): KeyWindow {
  if (window.type === 'SESSION') return { type: window.type, retentionMs };
  return { type: window.type, sizeMs: window.sizeMs, retentionMs };
}

export const DAY_MS = 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = {
  DAY: DAY_MS,
  HOUR: 3_600_000,
  MINUTE: 60_000,
  SECOND: 1_000,
  MILLISECOND: 1,
};

type Windowing = Pick<WindowedAggregateStep, 'window' | 'graceMs' | 'retentionMs' | 'emit'>;

/** The WINDOW clause with EMIT, checked and with its defaults. */
export function planWindow(clause: WindowClause, emit: Query['emit']): Windowing {
  const window = windowSpec(clause);
  const lengthMs = window.type === 'SESSION' ? window.gapMs : window.sizeMs;
  const defaultGraceMs = emit === 'FINAL' ? 0 : Math.max(DAY_MS - lengthMs, 0);
  const graceMs = clause.grace === undefined ? defaultGraceMs : durationMs(clause.grace);
  const leastMs = lengthMs + graceMs;
  const retentionMs = clause.retention === undefined ? leastMs : durationMs(clause.retention);
  if (retentionMs < leastMs) {
    throw errorAt(
      clause.retention!,
      `RETENTION must be no smaller than the window's size plus its grace period: ${retentionMs} ms is less than ${leastMs} ms.`,
    );
  }
  return { window, graceMs, retentionMs, emit: emit ?? 'CHANGES' };
}

function windowSpec({ type, size, advance, line, column }: WindowClause): WindowSpec {
  const lengthMs = positiveMs(size, type === 'SESSION' ? 'The gap of a session' : 'The size of a window');
  if (type === 'SESSION') return { type, gapMs: lengthMs };
  if (type === 'TUMBLING') return { type, sizeMs: lengthMs, advanceMs: lengthMs };
  if (advance === undefined)
    throw new SqlError(
      'HOPPING needs ADVANCE BY: HOPPING (SIZE 30 SECONDS, ADVANCE BY 10 SECONDS).',
      line,
      column,
    );
  const advanceMs = positiveMs(advance, 'ADVANCE BY');
  if (advanceMs > lengthMs) {
    throw errorAt(
      advance,
      `ADVANCE BY ${advanceMs} ms would leave gaps between windows of ${lengthMs} ms: advance by their size at most.`,
    );
  }
  return { type, sizeMs: lengthMs, advanceMs };
}

function positiveMs(duration: Duration, what: string): number {
  const lengthMs = durationMs(duration);
  if (lengthMs > 0) return lengthMs;
  throw errorAt(duration, `${what} must be longer than nothing.`);
}

/** Units come in both numbers, and as the parser took them. */
export function durationMs(duration: Duration): number {
  const lengthMs = duration.amount * UNIT_MS[duration.unit.replace(/S$/, '')]!;
  if (Number.isSafeInteger(lengthMs)) return lengthMs;
  throw errorAt(duration, `${duration.amount} ${duration.unit} is longer than time is counted here.`);
}

/** WINDOW_TYPE and WINDOW_SIZE of CREATE STREAM | TABLE. */
export function declaredWindow(options: WithProperties): KeyWindow | undefined {
  const type = options.text('WINDOW_TYPE')?.toUpperCase();
  const size = options.text('WINDOW_SIZE');
  if (type === undefined) {
    if (size === undefined) return undefined;
    throw options.error('WINDOW_SIZE', 'needs WINDOW_TYPE');
  }
  if (type !== 'TUMBLING' && type !== 'HOPPING' && type !== 'SESSION')
    throw options.error('WINDOW_TYPE', `must be TUMBLING, HOPPING or SESSION, got ${type}`);
  if (type === 'SESSION') {
    if (size === undefined) return { type };
    throw options.error('WINDOW_SIZE', 'is not for sessions, each of which is as long as its rows make it');
  }
  if (size === undefined) {
    throw options.error(
      'WINDOW_TYPE',
      `is ${type}, and keys hold only where such windows begin: add their length, as in WINDOW_SIZE = '10 SECONDS'`,
    );
  }
  return { type, sizeMs: declaredSizeMs(size, options) };
}

function declaredSizeMs(text: string, options: WithProperties): number {
  const [, amount, unit = ''] = /^\s*(\d+)\s+([A-Za-z]+?)S?\s*$/i.exec(text) ?? [];
  const sizeMs = Number(amount) * (UNIT_MS[unit.toUpperCase()] ?? Number.NaN);
  if (sizeMs > 0 && Number.isSafeInteger(sizeMs)) return sizeMs;
  throw options.error('WINDOW_SIZE', `must be a length of time like '10 SECONDS', got '${text}'`);
}

export function sameWindow(a: KeyWindow | undefined, b: KeyWindow | undefined): boolean {
  return a?.type === b?.type && a?.sizeMs === b?.sizeMs;
}

export function windowText(window: KeyWindow | undefined): string {
  if (window === undefined) return 'not windowed';
  return `${window.type} windowed${window.sizeMs === undefined ? '' : ` (${window.sizeMs} ms)`}`;
}

function errorAt({ line, column }: At, message: string): SqlError {
  return new SqlError(message, line, column);
}
