import type { ByteRun } from '../base/buffers.ts';

/**
 * A message to be encoded: a field left out takes its definition's default, so a handler writes only what it
 * decides. Bytes may be any Uint8Array, or pieces of them, and are not copied when they are records.
 */
export type Draft<T> = T extends Uint8Array
  ? Uint8Array | ByteRun
  : T extends readonly (infer Element)[]
    ? readonly Draft<Element>[]
    : T extends object
      ? { readonly [Name in keyof T]?: Draft<T[Name]> | undefined }
      : T;
