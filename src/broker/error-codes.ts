import type { FieldDefinition } from '../protocol/definition.ts';

/** Calls back with every error code of a message but 0. */
export type ErrorWalk = (message: unknown, found: (errorCode: number) => void) => void;

/**
 * Finds the error codes of a message wherever its definition has them: at the top, an item, or an item of an item.
 * Only branches that can hold one are walked, so a list of brokers or record bytes cost nothing. Undefined for a
 * message that has none. Compiled like the codecs, from the same table: every answer is walked.
 *
 *     (m0, found) => { if (m0.errorCode) found(m0.errorCode); for (const m1 of m0.responses ?? []) { ... } }
 */
export function errorWalk(fields: readonly FieldDefinition[]): ErrorWalk | undefined {
  const body = walkSource(fields, 0);
  if (body === '') return undefined;
  return new Function('m0', 'found', `'use strict'; ${body}`) as ErrorWalk;
}

function walkSource(fields: readonly FieldDefinition[], depth: number): string {
  const item = `m${depth}`;
  const own = fields.some(({ name }) => name === 'errorCode')
    ? `if (${item}.errorCode) found(${item}.errorCode); `
    : '';
  const branches = fields.map(({ name, array, fields: below }) => {
    const body = below === undefined ? '' : walkSource(below, depth + 1);
    if (body === '') return '';
    const inner = `m${depth + 1}`;
    if (array === true) return `for (const ${inner} of ${item}.${name} ?? []) { ${body}} `;
    return `{ const ${inner} = ${item}.${name}; if (${inner}) { ${body}} } `;
  });
  return own + branches.join('');
}
