import type { JsonObject } from './model.ts';

interface Described {
  readonly metadata?: JsonObject | undefined;
}

/** A property of the metadata: names, with commas between, of fields that no schema may have any more. */
const RESERVED = 'confluent:reserved';

/** Why a schema may not follow one that has reserved others. */
export function reservedFaults(
  next: Described,
  hasField: (name: string) => boolean,
  earlier: readonly Described[],
): string[] {
  const reserved = reservedIn(next);
  const given = new Set(earlier.flatMap(reservedIn));
  const removed = [...given].filter((name) => !reserved.includes(name));
  const taken = reserved.filter(hasField);
  return [
    ...removed.map(
      (name) => `{errorType:'RESERVED_FIELD_REMOVED', description:'The name ${name} is reserved no more'}`,
    ),
    ...taken.map(
      (name) =>
        `{errorType:'FIELD_CONFLICTS_WITH_RESERVED_FIELD', description:'The name ${name} is reserved'}`,
    ),
  ];
}

function reservedIn({ metadata }: Described): string[] {
  const names = (metadata?.properties as Record<string, unknown> | undefined)?.[RESERVED];
  return typeof names === 'string' ? names.split(',').flatMap((name) => name.trim() || []) : [];
}
