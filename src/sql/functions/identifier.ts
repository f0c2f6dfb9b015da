import { createHash } from 'node:crypto';
import { type ScalarFunction, scalar } from './scalar.ts';

function uuidText(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** RFC 9562, version 4: all random but the version's four bits and the variant's two. */
function randomUuid(random: () => number): string {
  const bytes = Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidText(bytes);
}

export const IDENTIFIER_FUNCTIONS: readonly ScalarFunction[] = [
  scalar('UUID', 'OTHER', 'A new random UUID, or the UUID that sixteen bytes are.', [
    [
      '-> STRING',
      ({ effects }) =>
        () =>
          randomUuid(() => effects.random()),
    ],
    ['BYTES -> STRING', () => (bytes: Uint8Array) => (bytes.length === 16 ? uuidText(bytes) : null)],
  ]),
  scalar('MD5', 'STRING', 'The MD5 hash of a text in UTF-8, as hex digits. Not for secrets.', [
    ['STRING -> STRING', () => (text: string) => createHash('md5').update(text).digest('hex')],
  ]),
];
