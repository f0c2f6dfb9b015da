import { SqlError } from '../sql-error.ts';
import { nearestOf } from '../suggest.ts';
import { Lexer } from './lexer.ts';

const PIECES = /'(?:[^']|'')*(?:'|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$\{([^}]*)\}/g;
const REFERENCE = /\$\{([^}]*)\}/g;

/**
 * Puts values in for `${name}`. Outside a string the value must be one name or literal, inside a string its
 * quotes are doubled: a variable can never add clauses or statements. `${file:/secrets:password}` in a string is for
 * Kafka Connect, whose config providers put it in; no variable has such a name.
 */
export function substituteVariables(
  text: string,
  variables: ReadonlyMap<string, string>,
  at: { readonly line: number; readonly column: number },
): string {
  const lookUp = (name: string): string => {
    const value = variables.get(name.toUpperCase()) ?? variables.get(name);
    if (value !== undefined) return value;
    const near = nearestOf(name, variables.keys());
    const hint = near === undefined ? `Set it with DEFINE ${name} = 'value';` : `Did you mean '\${${near}}'?`;
    throw new SqlError(`Variable '${name}' is not defined. ${hint}`, at.line, at.column);
  };
  return text.replace(PIECES, (piece: string, name: string | undefined) => {
    if (name !== undefined) return checkSingle(lookUp(name), name, at);
    if (!piece.startsWith("'")) return piece;
    return piece.replace(REFERENCE, (reference: string, inner: string) =>
      inner.includes(':') ? reference : lookUp(inner).replaceAll("'", "''"),
    );
  });
}

function checkSingle(
  value: string,
  name: string,
  at: { readonly line: number; readonly column: number },
): string {
  const lexer = new Lexer(value);
  let first = lexer.next();
  if (first.kind === 'symbol' && first.text === '-') first = lexer.next();
  const allowed = first.kind !== 'symbol' && first.kind !== 'end' && lexer.next().kind === 'end';
  if (allowed && !value.includes('--') && !value.includes('/*')) return value;
  throw new SqlError(
    `Got: '${value}' for variable '${name}'. A variable stands for one name or one literal.`,
    at.line,
    at.column,
  );
}
