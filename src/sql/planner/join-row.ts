import type { Schema } from '../../data/schema.ts';
import type { KeyColumn, Pipeline } from './pipeline.ts';
import { plainColumn } from './pipeline.ts';

/**
 * What a join's rows are, and what the names of both sides mean in them from now on. The caller sets the step.
 *
 *   left   key | value                 keeps its key columns in front, the bounds of a window among them
 *   right  key | value
 *   joined key | left's key, value | right's key, value
 */
export function joinRows(left: Pipeline, right: Pipeline, keyTexts: readonly string[]): Schema {
  const key = left.step.schema.key.map(plainColumn);
  const leftWidth = left.step.schema.key.length + left.step.schema.value.length;
  const value = [left, right].flatMap(({ step }) => [...step.schema.key, ...step.schema.value]);
  left.columns = [
    ...left.columns.map((column) => ({ ...column, index: column.index + key.length })),
    ...right.columns.map((column) => ({ ...column, index: column.index + key.length + leftWidth })),
  ];
  left.keys = [{ ...(key[0] as KeyColumn), texts: keyTexts }];
  return { key, value };
}
