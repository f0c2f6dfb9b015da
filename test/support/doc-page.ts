import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { PlainValue } from '../../src/data/plain-value.ts';
import type { PlainRow } from '../../src/engine/service/row-objects.ts';
import type { ParsedStatement } from '../../src/sql/ast.ts';
import { parseScript } from '../../src/sql/parser/parse-script.ts';
import { Substitution } from '../../src/sql/parser/substitution.ts';
import { MemoryConnect, openTestMillrace, type TestMillrace } from '../../src/testing/kit/test-millrace.ts';

/** A fenced block of a page. `kind`: what stands behind the fence. */
interface Block {
  readonly kind: string;
  readonly text: string;
  readonly line: number;
}

/** The statements of a page, as they are parsed. */
export function statementsOf(file: string): ParsedStatement[] {
  const substitution = new Substitution();
  return blocksOf(file)
    .filter(({ kind }) => kind.startsWith('sql'))
    .flatMap(({ text }) => parseScript(text, substitution));
}

/**
 * Runs a page's SQL, block by block, on one Millrace:
 *
 *   ```sql            the statements; a block without a kind behind it is the table of the last SELECT
 *   ```sql refused    one statement that is refused; the block behind it is a part of the message
 */
export async function runPage(file: string): Promise<void> {
  await using m = await openTestMillrace({ connect: new MemoryConnect() });
  const blocks = blocksOf(file);
  for (const [index, { kind, text, line }] of blocks.entries()) {
    const expected = blocks[index + 1]?.kind === '' ? blocks[index + 1]?.text.trim() : undefined;
    const place = `${file}:${line}`;
    if (kind === 'sql refused') {
      const isExpected = (error: Error) =>
        error.message.toLowerCase().includes(String(expected).toLowerCase());
      await assert.rejects(m.sql(text), isExpected, place);
    } else if (kind === 'sql') {
      const rows = await runBlock(m, text).catch((cause: Error) => {
        throw new Error(`${place}: ${cause.message}`, { cause });
      });
      if (expected !== undefined) assert.deepEqual(tableOf(rows), cellsOf(expected), place);
    }
  }
}

/** The rows of the last statement, if it is a SELECT. */
async function runBlock(m: TestMillrace, block: string): Promise<PlainRow[]> {
  let rows: PlainRow[] = [];
  for (const { statement, text } of parseScript(block)) {
    rows = [];
    if (statement.kind === 'print') assert.ok((await m.print(text)).length > 0, text);
    else if (statement.kind !== 'query') await m.sql(text);
    else if (statement.query.emit === undefined) rows = await m.rows(text);
    else {
      const push = await m.push(text);
      rows = await push.take();
      assert.ok(push.hasEnded, `a push query of a page has a LIMIT that it reaches: ${text}`);
    }
  }
  return rows;
}

function blocksOf(file: string): Block[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(({ 1: kind, 2: body, index }) => ({
    kind: kind as string,
    text: body as string,
    line: text.slice(0, index).split('\n').length,
  }));
}

function cellsOf(table: string): string[][] {
  return table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
}

function tableOf(rows: readonly PlainRow[]): string[][] {
  const [first] = rows;
  return first ? [Object.keys(first), ...rows.map((row) => Object.values(row).map(cellText))] : [];
}

function cellText(value: PlainValue): string {
  if (value === null || typeof value !== 'object') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map(cellText).join(', ')}]`;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return `{${entries.map(([key, item]) => `${cellText(key)}=${cellText(item)}`).join(', ')}}`;
}
