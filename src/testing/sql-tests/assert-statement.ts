import type { StatementOf } from '../../sql/ast.ts';
import { Lexer } from '../../sql/parser/lexer.ts';
import { parseCreate } from '../../sql/parser/parse-create.ts';
import { parseExpression } from '../../sql/parser/parse-expression.ts';
import { TokenStream } from '../../sql/parser/token-stream.ts';
import type { ScriptPart } from '../../sql/split-script.ts';

/**
 * Statements that only tests know:
 *
 *   ASSERT VALUES s [(col, ...)] VALUES (expr, ...)          the next record of s has these values
 *   ASSERT NULL VALUES s [(keycol, ...)] KEY (expr, ...)     the next record of s is a tombstone of this key
 *   ASSERT STREAM | TABLE s (elements) WITH (properties)     s is declared so
 */
export type AssertStatement =
  /** `row`: as if the values were to be inserted. */
  | { readonly kind: 'values' | 'tombstone'; readonly row: StatementOf<'insertValues'> }
  | { readonly kind: 'source'; readonly source: StatementOf<'createSource'> };

/** Undefined for every other statement, ASSERT TOPIC and ASSERT SCHEMA among them. Throws SqlError. */
export function parseAssert({ text, line, column }: ScriptPart): AssertStatement | undefined {
  const tokens = new TokenStream(new Lexer(text, line, column), text);
  const is = (...words: string[]) => tokens.at('ASSERT', ...words);
  if (is('STREAM') || is('TABLE')) return { kind: 'source', source: parseSource(text, line, column) };
  if (!is('VALUES') && !is('NULL', 'VALUES')) return undefined;
  const at = { line: tokens.peek().line, column: tokens.peek().column };
  tokens.take();
  const kind = tokens.accept('NULL') ? 'tombstone' : 'values';
  tokens.expect('VALUES');
  const target = tokens.name('a stream or table').text;
  const columns: { name: string; line: number; column: number }[] = [];
  if (tokens.accept('(')) {
    do {
      const { text: name, ...place } = tokens.name('a column name');
      columns.push({ name, line: place.line, column: place.column });
    } while (tokens.accept(','));
    tokens.expect(')');
  }
  tokens.expect(kind === 'values' ? 'VALUES' : 'KEY', '(');
  const values = [parseExpression(tokens)];
  while (tokens.accept(',')) values.push(parseExpression(tokens));
  tokens.expect(')');
  end(tokens);
  return { kind, row: { kind: 'insertValues', target, columns, values, ...at } };
}

/** What is asserted of a source reads as what would create it. The words are of one length: positions stay. */
function parseSource(text: string, line: number, column: number): StatementOf<'createSource'> {
  const created = `CREATE${text.slice('ASSERT'.length)}`;
  const tokens = new TokenStream(new Lexer(created, line, column), created);
  const statement = parseCreate(tokens);
  end(tokens);
  if (statement.kind !== 'createSource') throw tokens.unexpected(['columns and WITH (...)']);
  return statement;
}

function end(tokens: TokenStream): void {
  if (!tokens.accept(';') && tokens.peek().kind !== 'end') throw tokens.unexpected([';']);
}
