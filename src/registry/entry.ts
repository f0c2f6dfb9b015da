import { Buffer } from 'node:buffer';
import type { SchemaReference, SchemaType } from '../serde/schema-registry.ts';
import type { EntryCodec } from '../topics/state-machine.ts';
import { guidOf } from './guid.ts';
import type { JsonObject, Mode, SchemaVersion, SubjectConfig } from './model.ts';

/** What one record of `_schemas` says. A `null` takes back what was there. */
export type Entry =
  | {
      readonly kind: 'schema';
      readonly subject: string;
      readonly version: number;
      readonly schema: SchemaVersion | null;
    }
  | { readonly kind: 'config'; readonly subject: string | null; readonly config: SubjectConfig | null }
  | { readonly kind: 'mode'; readonly subject: string | null; readonly mode: Mode | null }
  /** Every version up to this one is deleted. */
  | { readonly kind: 'deleteSubject'; readonly subject: string; readonly version: number }
  /** `maxId`: the highest id ever given there, once the schema that had it is gone for ever. */
  | { readonly kind: 'context'; readonly context: string; readonly maxId?: number | undefined };

interface SchemaJson {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  readonly guid?: string;
  readonly schemaType?: SchemaType;
  readonly references?: readonly SchemaReference[];
  readonly metadata?: JsonObject;
  readonly ruleSet?: JsonObject;
  readonly schema: string;
  readonly deleted?: boolean;
}

/**
 * Records as Confluent's registry writes and reads them, so that either can take over the other's topic:
 *
 *   {"keytype":"SCHEMA","subject":"s","version":1,"magic":1}   {"subject":"s","version":1,"id":1,"schema":"...","deleted":false}
 *   {"keytype":"CONFIG","subject":"s","magic":0}               {"subject":"s","compatibilityLevel":"FULL"}
 *   {"keytype":"MODE","subject":"s","magic":0}                 {"subject":"s","mode":"READONLY"}
 *   {"keytype":"DELETE_SUBJECT","subject":"s","magic":0}       {"subject":"s","version":3}
 *   {"keytype":"CONTEXT","tenant":"default","context":".ctx","magic":0}   {"tenant":"default","context":".ctx"}
 *
 * Global settings have `"subject":null`. The order of a key's fields matters: the log is compacted by its bytes. Of
 * ours is only `maxId` in a context, which they skip: compaction takes a permanently deleted schema with its tombstone,
 * and an id that records carry must never come to mean another schema.
 */
export const entryCodec: EntryCodec<Entry> = {
  encode(entry) {
    const [key, value] = toJson(entry);
    return {
      key: Buffer.from(JSON.stringify(key)),
      value: value === null ? null : Buffer.from(JSON.stringify(value)),
    };
  },
  decode(keyBytes, valueBytes) {
    const key = JSON.parse(keyBytes.toString()) as Record<string, unknown>;
    const value = valueBytes && (JSON.parse(valueBytes.toString()) as Record<string, unknown>);
    return fromJson(key, value);
  },
};

function toJson(entry: Entry): readonly [key: object, value: object | null] {
  switch (entry.kind) {
    case 'schema': {
      const { subject, version, schema } = entry;
      return [{ keytype: 'SCHEMA', subject, version, magic: 1 }, schema && schemaToJson(schema)];
    }
    case 'config': {
      const { subject, config } = entry;
      const value = config && { ...(subject !== null && { subject }), ...config };
      return [{ keytype: 'CONFIG', subject, magic: 0 }, value];
    }
    case 'mode': {
      const { subject, mode } = entry;
      const value = mode && { ...(subject !== null && { subject }), mode };
      return [{ keytype: 'MODE', subject, magic: 0 }, value];
    }
    case 'deleteSubject': {
      const { subject, version } = entry;
      return [
        { keytype: 'DELETE_SUBJECT', subject, magic: 0 },
        { subject, version },
      ];
    }
    case 'context': {
      const { context, maxId } = entry;
      const key = { keytype: 'CONTEXT', tenant: 'default', context, magic: 0 };
      return [key, { tenant: 'default', context, ...(maxId !== undefined && { maxId }) }];
    }
  }
}

function schemaToJson({
  type,
  references,
  metadata,
  ruleSet,
  schema,
  ...version
}: SchemaVersion): SchemaJson {
  return {
    subject: version.subject,
    version: version.version,
    id: version.id,
    guid: version.guid,
    ...(type !== 'AVRO' && { schemaType: type }),
    ...(references.length > 0 && { references }),
    ...(metadata && { metadata }),
    ...(ruleSet && { ruleSet }),
    schema,
    deleted: version.deleted,
  };
}

/** Kinds of records that tell nothing of what is kept here (NOOP, CLEAR_SUBJECT, exporters ...) give nothing. */
function fromJson(key: Record<string, unknown>, value: Record<string, unknown> | null): Entry | undefined {
  const subject = (key.subject ?? null) as string | null;
  switch (key.keytype) {
    case 'SCHEMA':
      return {
        kind: 'schema',
        subject: key.subject as string,
        version: key.version as number,
        schema: value && schemaFromJson(value as unknown as SchemaJson),
      };
    case 'CONFIG': {
      if (value === null) return { kind: 'config', subject, config: null };
      const { subject: _, ...config } = value;
      return { kind: 'config', subject, config: config as SubjectConfig };
    }
    case 'MODE':
      return { kind: 'mode', subject, mode: value && (value.mode as Mode) };
    case 'DELETE_SUBJECT':
      return (
        (value && {
          kind: 'deleteSubject',
          subject: key.subject as string,
          version: value.version as number,
        }) ??
        undefined
      );
    case 'CONTEXT':
      return (
        (value && {
          kind: 'context',
          context: key.context as string,
          maxId: value.maxId as number | undefined,
        }) ??
        undefined
      );
    default:
      return undefined;
  }
}

function schemaFromJson(json: SchemaJson): SchemaVersion {
  const definition = {
    type: json.schemaType ?? 'AVRO',
    schema: json.schema,
    references: json.references ?? [],
    metadata: json.metadata,
    ruleSet: json.ruleSet,
  };
  return {
    ...definition,
    subject: json.subject,
    version: json.version,
    id: json.id,
    guid: json.guid ?? guidOf(definition),
    deleted: json.deleted ?? false,
  };
}
