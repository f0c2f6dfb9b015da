/** Wire types of Kafka's message definitions; `struct` has fields of its own. */
export type FieldType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'string'
  | 'uuid'
  | 'bytes'
  | 'records'
  | 'struct';

/** One field of a message, in every version of it. Left-out properties mean the usual case. */
export interface FieldDefinition {
  readonly name: string;
  readonly type: FieldType;
  /** The field is a list of `type`. */
  readonly array?: true;
  readonly fields?: readonly FieldDefinition[];
  /** First and last version that has the field; left out: as the message. */
  readonly since?: number;
  readonly until?: number;
  /** First version in which null is allowed. */
  readonly nullableSince?: number;
  /** Number of an optional, tagged field (KIP-482); such a field is tagged in every version that has it. */
  readonly tag?: number;
  /** What an absent field means; left out: zero, false, empty, all-default struct, null records. */
  readonly default?: null | boolean | number | string;
  /** Keeps the old string encoding even in flexible versions. */
  readonly neverCompact?: true;
}

export type MessageKind = 'request' | 'response' | 'recordKey' | 'recordValue' | 'data';

export interface MessageDefinition {
  readonly kind: MessageKind;
  /** Kafka's API key, or the record type of a coordinator record; -1 for plain data. */
  readonly key: number;
  readonly versions: readonly [first: number, last: number];
  /** The last version is not stable in this release: never advertise it. */
  readonly lastUnstable?: true;
  /** First version with compact lengths and tagged fields (KIP-482). */
  readonly flexibleSince?: number;
  readonly fields: readonly FieldDefinition[];
}

/** Whether `version` of a message has this field. */
export function hasField(field: FieldDefinition, version: number): boolean {
  return version >= (field.since ?? 0) && version <= (field.until ?? Number.POSITIVE_INFINITY);
}

export function isNullable(field: FieldDefinition, version: number): boolean {
  return field.nullableSince !== undefined && version >= field.nullableSince;
}

export function isFlexible(message: MessageDefinition, version: number): boolean {
  return message.flexibleSince !== undefined && version >= message.flexibleSince;
}
