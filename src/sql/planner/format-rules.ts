/** What SQL may ask of a format; the formats themselves are beyond this layer. */
export interface FormatRules {
  /** Its schemas are in a registry: columns can be taken from there, and sinks put theirs there. */
  readonly hasSchemas?: true;
  /** A single value column may be written as an object with one field. */
  readonly wraps?: true;
  /** A single column may be written bare. */
  readonly unwraps?: true;
  /** The record in its schema can be named. */
  readonly hasFullName?: true;
  /** Columns are fields of a message, also a single one: not every name and type will do. */
  readonly isMessage?: true;
  /** Ways to tell null from a default value can be chosen. */
  readonly hasNullableForms?: true;
}

const RULES: Readonly<Record<string, FormatRules>> = {
  KAFKA: { unwraps: true },
  JSON: { wraps: true, unwraps: true },
  DELIMITED: { unwraps: true },
  NONE: {},
  AVRO: { hasSchemas: true, wraps: true, unwraps: true, hasFullName: true },
  JSON_SR: { hasSchemas: true, wraps: true, unwraps: true },
  PROTOBUF: { hasSchemas: true, wraps: true, isMessage: true, hasFullName: true, hasNullableForms: true },
  PROTOBUF_NOSR: { wraps: true, isMessage: true, hasNullableForms: true },
};

export const FORMAT_NAMES: readonly string[] = Object.keys(RULES);

/** Of a format by its name in upper case; nothing is allowed of one that does not exist. */
export function rulesOf(name: string): FormatRules {
  return RULES[name] ?? {};
}
