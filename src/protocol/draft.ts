/**
 * A message to be encoded: a field left out takes its definition's default, so a handler writes only what it
 * decides. Bytes may be any Uint8Array and are not copied when they are records.
 */
export type Draft<T> = T extends Uint8Array
  ? Uint8Array
  : T extends readonly (infer Element)[]
    ? readonly Draft<Element>[]
    : T extends object
      ? { readonly [Name in keyof T]?: Draft<T[Name]> | undefined }
      : T;
