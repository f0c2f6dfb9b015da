import type { FieldDefinition } from '../protocol/definition.ts';

/** Calls back with every error code of a message but 0. */
export type ErrorWalk = (message: unknown, found: (errorCode: number) => void) => void;

type Struct = Readonly<Record<string, unknown>>;

/**
 * Finds the error codes of a message wherever its definition has them: at the top, an item, or an item of an item.
 * Only branches that can hold one are walked, so a list of brokers or record bytes cost nothing. Undefined for a
 * message that has none.
 */
export function errorWalk(fields: readonly FieldDefinition[]): ErrorWalk | undefined {
  const hasOwn = fields.some(({ name }) => name === 'errorCode');
  const branches = fields.flatMap(({ name, array, fields: below }) => {
    const walk = below && errorWalk(below);
    return walk ? [{ name, array: array === true, walk }] : [];
  });
  if (!hasOwn && branches.length === 0) return undefined;
  return (message, found) => {
    const struct = message as Struct;
    const own = hasOwn ? struct.errorCode : 0;
    if (typeof own === 'number' && own !== 0) found(own);
    for (const { name, array, walk } of branches) {
      const value = struct[name];
      if (value === undefined || value === null) continue;
      if (array) for (const item of value as readonly unknown[]) walk(item, found);
      else walk(value, found);
    }
  };
}
