export const ENTITY_TYPES = ['user', 'client-id', 'ip'] as const;

export type EntityType = (typeof ENTITY_TYPES)[number];

/** Whom a quota is for; null stands for everybody of that type without a quota of their own. */
export type QuotaEntity = Readonly<Partial<Record<EntityType, string | null>>>;

export const QUOTA_KEYS = [
  'producer_byte_rate',
  'consumer_byte_rate',
  'request_percentage',
  'controller_mutation_rate',
  'connection_creation_rate',
] as const;

export type QuotaKey = (typeof QUOTA_KEYS)[number];

export type QuotaValues = Readonly<Partial<Record<QuotaKey, number>>>;

/** Quotas of bytes are whole numbers, the others may have a fraction; those of addresses are for connections. */
export const WHOLE_NUMBERS: ReadonlySet<QuotaKey> = new Set(['producer_byte_rate', 'consumer_byte_rate']);
export const OF_CLIENTS: ReadonlySet<string> = new Set(QUOTA_KEYS.slice(0, 4));
export const OF_ADDRESSES: ReadonlySet<string> = new Set(QUOTA_KEYS.slice(4));

export function isEntityType(type: string): type is EntityType {
  return ENTITY_TYPES.includes(type as EntityType);
}

/** One text for one entity, whatever order its parts came in. */
export function entityKey(entity: QuotaEntity): string {
  return JSON.stringify(
    ENTITY_TYPES.flatMap((type) => (entity[type] === undefined ? [] : [[type, entity[type]]])),
  );
}

export function entityOf(key: string): QuotaEntity {
  return Object.fromEntries(JSON.parse(key) as [EntityType, string | null][]);
}
