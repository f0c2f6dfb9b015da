import type { At } from '../ast.ts';

/**
 * word    unquoted name or keyword; `text` is folded to upper case
 * quoted  `name` or "name"; `text` is the name itself
 * string  'text'
 * symbol  punctuation and operators
 */
export type TokenKind = 'word' | 'quoted' | 'string' | 'integer' | 'decimal' | 'double' | 'symbol' | 'end';

export interface Token extends At {
  readonly kind: TokenKind;
  readonly text: string;
  /** Where it begins in the text given to the lexer, in UTF-16 units, and where it ends. */
  readonly start: number;
  readonly end: number;
}
