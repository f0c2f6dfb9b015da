import type { JsonObject, SubjectConfig } from './model.ts';

interface Annotations {
  readonly metadata?: JsonObject | undefined;
  readonly ruleSet?: JsonObject | undefined;
}

/**
 * What a new version carries beside its text: its own or else what the version before had, over the defaults of the
 * configuration and under its overrides.
 */
export function withDefaults(
  given: Annotations,
  latest: Annotations | undefined,
  config: SubjectConfig,
): Annotations {
  const metadata = given.metadata ?? latest?.metadata;
  const ruleSet = given.ruleSet ?? latest?.ruleSet;
  return {
    metadata: merged(merged(config.defaultMetadata, metadata), config.overrideMetadata),
    ruleSet: mergedRules(mergedRules(config.defaultRuleSet, ruleSet), config.overrideRuleSet),
  };
}

/** Tags and properties by name, sensitive names as one list. */
function merged(under: JsonObject | undefined, over: JsonObject | undefined): JsonObject | undefined {
  if (!under || !over) return over ?? under;
  return {
    ...under,
    ...over,
    ...(both(under, over, 'tags') && { tags: { ...object(under.tags), ...object(over.tags) } }),
    ...(both(under, over, 'properties') && {
      properties: { ...object(under.properties), ...object(over.properties) },
    }),
    ...(both(under, over, 'sensitive') && {
      sensitive: [...new Set([...list(under.sensitive), ...list(over.sensitive)])],
    }),
  };
}

/** Rules by name, in the order of those that lie under. */
function mergedRules(under: JsonObject | undefined, over: JsonObject | undefined): JsonObject | undefined {
  if (!under || !over) return over ?? under;
  const kinds = new Set([...Object.keys(under), ...Object.keys(over)]);
  const rulesOf = (kind: string) => {
    const named = [...list(under[kind]), ...list(over[kind])].map(
      (rule) => [object(rule).name, rule] as const,
    );
    return [...new Map(named).values()];
  };
  return Object.fromEntries([...kinds].map((kind) => [kind, rulesOf(kind)]));
}

function both(one: JsonObject, other: JsonObject, name: string): boolean {
  return one[name] !== undefined && other[name] !== undefined;
}

function object(value: unknown): JsonObject {
  return (value ?? {}) as JsonObject;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
