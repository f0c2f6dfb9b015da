import type { Expr, ParsedStatement } from '../ast.ts';
import { type ScriptPart, splitScript } from '../split-script.ts';
import { Lexer } from './lexer.ts';
import { parseExpression } from './parse-expression.ts';
import { parseStatement } from './parse-statement.ts';
import { Substitution } from './substitution.ts';
import { TokenStream } from './token-stream.ts';

/** Statements of a script, each with its text, in which variables have been put in. Throws SqlError. */
export function parseScript(text: string, substitution = new Substitution()): ParsedStatement[] {
  return splitScript(text).map((part) => {
    const parsed = parsePart(part, substitution);
    substitution.follow(parsed.statement);
    return parsed;
  });
}

function parsePart(part: ScriptPart, substitution: Substitution): ParsedStatement {
  const text = substitution.textOf(part);
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
