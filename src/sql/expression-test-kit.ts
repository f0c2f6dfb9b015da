import type { Row } from '../data/schema.ts';
import { formatType } from '../data/type-text.ts';
import type { SqlType, SqlValue } from '../data/types.ts';
import { analyse, type Scope } from './analyse/analyse-expression.ts';
import { resolveType } from './analyse/resolve-type.ts';
import type { Catalog } from './catalog.ts';
import { compileExpression } from './compile.ts';
import type { Expression } from './expression.ts';
import { Lexer } from './parser/lexer.ts';
import { parseExpressionText } from './parser/parse-script.ts';
import { parseType } from './parser/parse-type.ts';
import { TokenStream } from './parser/token-stream.ts';
import { SqlError } from './sql-error.ts';

/** For tests of single expressions: names are columns of a row given as `{A: ['INTEGER', 1]}`. */
export type Cells = Readonly<Record<string, readonly [type: string, value: SqlValue]>>;

const NO_SOURCES: Catalog = { source: () => undefined, sources: () => [] };

export function typeOf(text: string): SqlType {
  return resolveType(parseType(new TokenStream(new Lexer(text), text)), NO_SOURCES);
}

export function analyseText(text: string, cells: Cells = {}): Expression {
  const names = Object.keys(cells);
  const scope: Scope = {
    catalog: NO_SOURCES,
    column: ({ name, line, column }) => {
      const index = names.indexOf(name);
      if (index < 0) throw new SqlError(`no column ${name}`, line, column);
      return { kind: 'column', index, name, type: typeOf(cells[name]![0]) };
    },
  };
  return analyse(parseExpressionText(text), scope);
}

/** The value, or `error: ...` when it fails while it runs. */
export function evaluateText(
  text: string,
  cells: Cells = {},
  properties: Readonly<Record<string, string>> = {},
): SqlValue {
  let failure: Error | undefined;
  const effects = { nowMs: () => 1_000_000, random: () => 0.25, properties };
  const run = compileExpression(
    analyseText(text, cells),
    (error) => {
      failure = error;
    },
    effects,
  );
  const row: Row = Object.values(cells).map(([, value]) => value);
  const value = run(row);
  return failure === undefined ? value : `error: ${failure.message}`;
}

export function typeText(text: string, cells: Cells = {}): string {
  return formatType(analyseText(text, cells).type);
}
