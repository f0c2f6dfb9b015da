import { createRequire } from 'node:module';

let library: typeof import('re2js') | undefined;

/**
 * RE2's regular expressions, as Kafka's brokers read them, which match in linear time whatever clients send. Loaded with
 * the first one: a start waits for nothing that most servers never need.
 */
export function loadRe2(): typeof import('re2js') {
  library ??= createRequire(import.meta.url)('re2js') as typeof import('re2js');
  return library;
}
