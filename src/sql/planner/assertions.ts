import type { Duration, StatementOf } from '../ast.ts';
import type { PlannedOf } from '../planned.ts';
import { SqlError } from '../sql-error.ts';
import type { PlanContext } from './context.ts';
import { WithProperties } from './with-properties.ts';

const DEFAULT_TIMEOUT_MS = 1_000;
/** A request should not hang for longer. */
const LONGEST_TIMEOUT_MS = 600_000;

const UNIT_MS: Readonly<Record<string, number>> = {
  MILLISECOND: 1,
  SECOND: 1_000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
};

export function planAssertTopic(
  { topic, exists, properties, timeout }: StatementOf<'assertTopic'>,
  context: PlanContext,
): PlannedOf<'assertTopic'> {
  const wanted = new WithProperties(properties, 'topic');
  const partitions = wanted.count('PARTITIONS');
  const replicas = wanted.count('REPLICAS');
  return {
    kind: 'assertTopic',
    topic,
    exists,
    ...(partitions !== undefined && { partitions }),
    ...(replicas !== undefined && { replicas }),
    timeoutMs: timeoutMs(timeout, 'topic', context),
  };
}

export function planAssertSchema(
  { subject, id, exists, timeout, line, column }: StatementOf<'assertSchema'>,
  context: PlanContext,
): PlannedOf<'assertSchema'> {
  if (subject === undefined && id === undefined)
    throw new SqlError("ASSERT SCHEMA needs SUBJECT 'name', ID number, or both.", line, column);
  return {
    kind: 'assertSchema',
    exists,
    ...(subject !== undefined && { subject }),
    ...(id !== undefined && { id }),
    timeoutMs: timeoutMs(timeout, 'schema', context),
  };
}

function timeoutMs(
  timeout: Duration | undefined,
  of: 'topic' | 'schema',
  { properties }: PlanContext,
): number {
  const setting = Number(properties[`ksql.assert.${of}.default.timeout.ms`]);
  const defaultMs = setting >= 0 ? setting : DEFAULT_TIMEOUT_MS;
  return Math.min(timeout ? milliseconds(timeout) : defaultMs, LONGEST_TIMEOUT_MS);
}

function milliseconds({ amount, unit, line, column }: Duration): number {
  const unitMs = UNIT_MS[unit.replace(/S$/, '')];
  if (unitMs === undefined) throw new SqlError(`A time-out cannot be given in ${unit}`, line, column);
  return amount * unitMs;
}
