import type { Schema } from '../../data/schema.ts';
import { type BoundColumn, columnText, type Pipeline, plainColumn, SYNTHETIC } from './pipeline.ts';

/**
 * What a join's rows are, and what the names of both sides mean in them from now on. The caller sets the step.
 *
 *   left   key | value                 keeps its key columns in front, the bounds of a window among them
 *   right  key | value
 *   joined key | left's key, value | right's key, value
 *
 * `keyTexts`: the expressions that equal the key in every row. When none of them is a column, the key becomes one of its
 * own, `ROWKEY`: it can then be selected.
 */
export function joinRows(left: Pipeline, right: Pipeline, keyTexts: readonly string[]): Schema {
  const { schema } = left.step;
  const leftWidth = schema.key.length + schema.value.length;
  const value = [left, right].flatMap(({ step }) => [...step.schema.key, ...step.schema.value]);
  const columns = [
    ...move(left.columns, schema.key.length),
    ...move(right.columns, schema.key.length + leftWidth),
  ];
  const texts = new Set(columns.map(({ alias, name }) => columnText(alias, name)));
  const [first, ...bounds] = schema.key.map(plainColumn);
  if (first === undefined) throw new Error('a join has a key');
  if (keyTexts.some((text) => texts.has(text))) {
    left.columns = columns;
    left.keys = [{ ...first, texts: keyTexts }];
    return { key: [first, ...bounds], value };
  }
  const key = { name: syntheticName(columns), type: first.type };
  left.columns = [syntheticColumn(key), ...columns];
  left.keys = [{ ...key, texts: [columnText(SYNTHETIC, key.name), ...keyTexts] }];
  return { key: [key, ...bounds], value };
}

/** The synthetic key of an earlier join is a column no more. */
function move(columns: readonly BoundColumn[], by: number): BoundColumn[] {
  return columns
    .filter(({ alias }) => alias !== SYNTHETIC)
    .map((column) => ({ ...column, index: column.index + by }));
}

function syntheticColumn({ name, type }: Pick<BoundColumn, 'name' | 'type'>): BoundColumn {
  return { name, type, alias: SYNTHETIC, key: true, bound: false, pseudo: false, index: 0, use: () => {} };
}

function syntheticName(columns: readonly BoundColumn[]): string {
  const taken = new Set(columns.map(({ name }) => name));
  let name = 'ROWKEY';
  for (let number = 1; taken.has(name); number++) name = `ROWKEY_${number}`;
  return name;
}
