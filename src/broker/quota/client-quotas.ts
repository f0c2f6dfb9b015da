import { isAddress } from '../../base/address.ts';
import type { Refusal } from '../config/alter-config.ts';
import type { MetadataEntry, QuotaEntry } from '../metadata/metadata-entries.ts';
import {
  type EntityType,
  entityKey,
  isEntityType,
  OF_ADDRESSES,
  OF_CLIENTS,
  type QuotaEntity,
  type QuotaKey,
  type QuotaValues,
  WHOLE_NUMBERS,
} from './quota-entity.ts';

/** The parts of an entity as a request names them: not yet known to make sense. */
export type NamedEntity = readonly { readonly entityType: string; readonly entityName: string | null }[];

export interface QuotaAlteration {
  readonly entity: NamedEntity;
  readonly ops: readonly { readonly key: string; readonly value: number; readonly remove: boolean }[];
}

/** The quotas of clients; a part of the metadata machine, which keeps them durably. */
export class ClientQuotas {
  readonly #quotas = new Map<string, { readonly entity: QuotaEntity; readonly values: QuotaValues }>();
  #version = 0;

  /** Rises with every change: whoever derives something from quotas compares it. */
  get version(): number {
    return this.#version;
  }

  /** Whether anybody but addresses has a quota. */
  get concernsClients(): boolean {
    return this.#concernsClients;
  }
  #concernsClients = false;

  get concernsAddresses(): boolean {
    return this.#concernsAddresses;
  }
  #concernsAddresses = false;

  list(): Iterable<{ readonly entity: QuotaEntity; readonly values: QuotaValues }> {
    return this.#quotas.values();
  }

  find(entity: QuotaEntity, key: QuotaKey): number | undefined {
    return this.#quotas.get(entityKey(entity))?.values[key];
  }

  /** One outcome for each alteration; `undefined` where it counts. */
  alter(
    alterations: readonly QuotaAlteration[],
    validateOnly: boolean,
    entries: MetadataEntry[],
  ): readonly (Refusal | undefined)[] {
    const seen = new Set<string>();
    return alterations.map(({ entity: named, ops }) => {
      const entity = readEntity(named);
      if ('error' in entity) return entity;
      const key = entityKey(entity);
      if (seen.has(key)) return refuse(`Ignoring duplicate entity ${describeEntity(entity)}`);
      seen.add(key);
      const values = this.#altered(entity, ops);
      if ('error' in values) return values as Refusal;
      const value = Object.keys(values).length > 0 ? (values as QuotaValues) : null;
      if (!validateOnly) entries.push({ kind: 'quota', entity, value });
      return undefined;
    });
  }

  replay({ entity, value }: QuotaEntry): void {
    this.#version++;
    if (value === null) this.#quotas.delete(entityKey(entity));
    else this.#quotas.set(entityKey(entity), { entity, values: value });
    const entities = [...this.#quotas.values()].map((quota) => quota.entity);
    this.#concernsAddresses = entities.some(({ ip }) => ip !== undefined);
    this.#concernsClients = entities.some(({ ip }) => ip === undefined);
  }

  #altered(entity: QuotaEntity, ops: QuotaAlteration['ops']): Record<string, number> | Refusal {
    const allowed = entity.ip === undefined ? OF_CLIENTS : OF_ADDRESSES;
    const values: Record<string, number> = { ...this.#quotas.get(entityKey(entity))?.values };
    const seen = new Set<string>();
    for (const { key, value, remove } of ops) {
      if (seen.has(key)) return refuse(`Ignoring duplicate entity ${describeEntity(entity)}`);
      seen.add(key);
      if (remove) {
        delete values[key];
        continue;
      }
      if (!allowed.has(key)) return refuse(`Invalid configuration key ${key}`);
      if (!(value > 0)) return refuse(`Quota ${key} must be greater than 0`);
      if (WHOLE_NUMBERS.has(key as QuotaKey) && Math.abs(Math.round(value) - value) > 1e-6)
        return refuse(`${key} cannot be a fractional value.`);
      values[key] = value;
    }
    return values;
  }
}

function readEntity(named: NamedEntity): QuotaEntity | Refusal {
  if (named.length === 0) return refuse('Invalid empty client quota entity');
  const entity: Partial<Record<EntityType, string | null>> = {};
  for (const { entityType, entityName } of named) {
    if (!isEntityType(entityType)) return refuse(`Unhandled client quota entity type: ${entityType}`);
    if (entity[entityType] !== undefined)
      return refuse(`Invalid client quota entity, duplicate entity entry ${entityType}`);
    if (entityName === '') return refuse(`Empty ${entityType} not supported`);
    entity[entityType] = entityName;
  }
  const { ip } = entity;
  if (ip === undefined) return entity;
  if (named.length > 1)
    return refuse('Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId');
  if (ip === null || isAddress(ip)) return entity;
  return refuse(`${ip} is not a valid IP or resolvable host.`);
}

function describeEntity(entity: QuotaEntity): string {
  const parts = Object.entries(entity).map(([type, name]) => `${type}=${name}`);
  return `ClientQuotaEntity(entries={${parts.join(', ')}})`;
}

function refuse(message: string): Refusal {
  return { error: 'INVALID_REQUEST', message };
}
