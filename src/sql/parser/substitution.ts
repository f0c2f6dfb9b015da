import type { Statement } from '../ast.ts';
import type { ScriptPart } from '../split-script.ts';
import { SqlError } from '../sql-error.ts';
import { nearestOf } from '../suggest.ts';
import { Variables } from '../variables.ts';
import { Lexer } from './lexer.ts';

const SWITCH = 'ksql.variable.substitution.enable';
/** What is in quotes (a doubled one ends a piece and begins the next), comments, references. */
const PIECES = /'[^']*(?:'|$)|`[^`]*(?:`|$)|"[^"]*(?:"|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$?\$\{([^}]*)\}/g;
const REFERENCE = /\$?\$\{([^}]*)\}/g;

/**
 * Puts values in for `${name}` while a script is read. DEFINE, UNDEFINE and a SET of the switch count for the statements
 * after them.
 *
 *   ${name}      in quotes: the value, its quotes doubled; what nobody has defined stays as it stands
 *                elsewhere: a value that is one name or literal, so that it can never add clauses or statements
 *   $${name}     ${name}
 */
export class Substitution {
  readonly #variables: Variables;
  /** The switch, and what it goes back to when it is UNSET. */
  #isOn: boolean;
  readonly #isOnByDefault: boolean;

  constructor(
    variables: Iterable<readonly [name: string, value: string]> = [],
    setting?: string,
    inherited?: string,
  ) {
    this.#variables = new Variables(variables);
    this.#isOnByDefault = isOn(inherited);
    this.#isOn = setting === undefined ? this.#isOnByDefault : isOn(setting);
  }

  /** Of a session's properties; `inherited`: those in force where it sets none. */
  static of(
    session: {
      readonly properties: ReadonlyMap<string, string>;
      readonly variables: Iterable<readonly [name: string, value: string]>;
    },
    inherited: Readonly<Record<string, string>> = {},
  ): Substitution {
    return new Substitution(session.variables, session.properties.get(SWITCH), inherited[SWITCH]);
  }

  /** The text of a statement, with its values. */
  textOf({ text, line, column }: ScriptPart): string {
    if (!this.#isOn || !text.includes('${')) return text;
    return text.replace(PIECES, (piece: string, name: string | undefined) => {
      if (piece.startsWith('$$')) return piece.slice(1);
      if (name !== undefined) return this.#single(name, { line, column });
      const quote = piece.charAt(0);
      if (!`'"\``.includes(quote)) return piece;
      return piece.replace(REFERENCE, (reference: string, inner: string) => {
        if (reference.startsWith('$$')) return reference.slice(1);
        return this.#variables.get(inner)?.replaceAll(quote, quote + quote) ?? reference;
      });
    });
  }

  /** What a statement changes for those after it. */
  follow(statement: Statement): void {
    if (statement.kind === 'define') this.#variables.set(statement.name, statement.value);
    else if (statement.kind === 'undefine') this.#variables.delete(statement.name);
    else if (statement.kind === 'set' && statement.name === SWITCH) this.#isOn = isOn(statement.value);
    else if (statement.kind === 'unset' && statement.name === SWITCH) this.#isOn = this.#isOnByDefault;
  }

  /** Outside of quotes. */
  #single(name: string, { line, column }: { readonly line: number; readonly column: number }): string {
    const value = this.#variables.get(name);
    if (value === undefined) {
      const near = nearestOf(
        name,
        Array.from(this.#variables, ([known]) => known),
      );
      const hint =
        near === undefined ? `Set it with DEFINE ${name} = 'value';` : `Did you mean '\${${near}}'?`;
      throw new SqlError(`Variable '${name}' is not defined. ${hint}`, line, column);
    }
    if (isSingle(value)) return value;
    throw new SqlError(
      `\${${name}} would become '${value}'. Outside of quotes a variable stands for one name or one literal.`,
      line,
      column,
    );
  }
}

function isOn(setting: string | undefined): boolean {
  return setting?.toLowerCase() !== 'false';
}

function isSingle(value: string): boolean {
  if (value.includes('--') || value.includes('/*')) return false;
  const lexer = new Lexer(value);
  let first = lexer.next();
  if (first.kind === 'symbol' && first.text === '-') first = lexer.next();
  return first.kind !== 'symbol' && first.kind !== 'end' && lexer.next().kind === 'end';
}
