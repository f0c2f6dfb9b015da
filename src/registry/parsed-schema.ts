import type { SchemaType } from '../serde/schema-registry.ts';

/** One reason why what one schema writes cannot be read with another. */
export interface Incompatibility {
  /** A stable name of the rule, for tools. */
  readonly rule: string;
  /** Where, as a JSON pointer or a path of names. */
  readonly path: string;
  /** In a sentence, of "the reader" and "the writer" or of what was added, changed and removed. */
  readonly reason: string;
}

/** A schema whose text was understood, whatever its language. */
export interface ParsedSchema {
  readonly type: SchemaType;
  /** The text to keep: layout and comments do not matter, everything else does. */
  readonly text: string;
  /** The same for any two texts that mean the same. */
  readonly normalized: string;
  /** Whether a record of it has the field; one within others is named `outer.inner`. */
  hasField(name: string): boolean;
  /** Why data of `writer` (of the same language) cannot be read with this schema; empty when all of it can. */
  cannotRead(writer: ParsedSchema): Incompatibility[];
  /** The text as `format` asks for; undefined when the language knows no such format. */
  formatted(format: string): string | undefined;
}

/** A schema that a text refers to, and what it is called there. */
export interface ReferencedText {
  readonly name: string;
  readonly schema: string;
}

/** Reads a text; those it refers to come before those that refer to them. Throws an Error with the reason. */
export type SchemaParser = (text: string, references: readonly ReferencedText[]) => ParsedSchema;
