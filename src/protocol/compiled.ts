import { compileDecode, type Decode } from './compile-decode.ts';
import { compileEncode, type Encode } from './compile-encode.ts';
import type { MessageName } from './messages.gen.ts';
import { definitionOf } from './old-versions.ts';

/** Compiled at first use: a server speaks a few dozen of the hundreds of message versions. */
const decoders = new Map<MessageName, Decode[]>();
const encoders = new Map<MessageName, Encode[]>();

export function decoder(name: MessageName, version: number): Decode {
  return once(decoders, name, version, () => compileDecode(definitionOf(name, version), version));
}

export function encoder(name: MessageName, version: number): Encode {
  return once(encoders, name, version, () => compileEncode(name, definitionOf(name, version), version));
}

function once<T>(cache: Map<MessageName, T[]>, name: MessageName, version: number, compile: () => T): T {
  const known = cache.get(name)?.[version];
  if (known !== undefined) return known;
  const [first, last] = definitionOf(name, version).versions;
  if (version < first || version > last)
    throw new RangeError(`${name} has versions ${first} to ${last}, not ${version}`);
  const compiled = compile();
  const versions = cache.get(name) ?? [];
  versions[version] = compiled;
  cache.set(name, versions);
  return compiled;
}
