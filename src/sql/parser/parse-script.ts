import type { Expr, ParsedStatement } from '../ast.ts';
import { Lexer } from './lexer.ts';
import { parseExpression } from './parse-expression.ts';
import { parseStatement } from './parse-statement.ts';
import { type ScriptPart, splitScript } from './split-script.ts';
import { TokenStream } from './token-stream.ts';
import { substituteVariables } from './variables.ts';

/**
 * Statements of a script, each with its text. `variables` are put in for `${name}`; DEFINE and UNDEFINE inside the
 * script count for the statements after them; `off`: `${` stays what it is. Throws SqlError.
 */
export function parseScript(
  text: string,
  variables: ReadonlyMap<string, string> | 'off' = new Map(),
): ParsedStatement[] {
  const defined = variables === 'off' ? undefined : new Map(variables);
  return splitScript(text).map((part) => {
    const parsed = parsePart(part, defined);
    if (parsed.statement.kind === 'define') defined?.set(parsed.statement.name, parsed.statement.value);
    if (parsed.statement.kind === 'undefine') defined?.delete(parsed.statement.name);
    return parsed;
  });
}

function parsePart(part: ScriptPart, variables: ReadonlyMap<string, string> | undefined): ParsedStatement {
  const text =
    variables && part.text.includes('${') ? substituteVariables(part.text, variables, part) : part.text;
  const tokens = new TokenStream(new Lexer(text, part.line, part.column), text);
  const statement = parseStatement(tokens, (start) => text.slice(start));
  if (!tokens.accept(';') && tokens.peek().kind !== 'end') throw tokens.unexpected([';']);
  return { text, statement };
}

/** One expression alone, as in a test or a tool. Throws SqlError. */
export function parseExpressionText(text: string): Expr {
  const tokens = new TokenStream(new Lexer(text), text);
  const expression = parseExpression(tokens);
  if (tokens.peek().kind !== 'end') throw tokens.unexpected(['the end']);
  return expression;
}
