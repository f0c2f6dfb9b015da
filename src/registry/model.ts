import type { SchemaReference, SchemaType } from '../serde/schema-registry.ts';

/** JSON that the registry keeps and gives back without looking into it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** What makes two schemas the same schema, with one id in a context. */
export interface SchemaDefinition {
  readonly type: SchemaType;
  readonly schema: string;
  readonly references: readonly SchemaReference[];
  /** Tags, properties and names of sensitive fields. */
  readonly metadata?: JsonObject | undefined;
  /** Migration and domain rules: clients run them. */
  readonly ruleSet?: JsonObject | undefined;
}

/** A definition under a subject. Deleted ones stay readable until they are deleted permanently. */
export interface SchemaVersion extends SchemaDefinition {
  readonly subject: string;
  readonly version: number;
  readonly id: number;
  /** Of the definition alone, the same in every context and every registry of this kind. */
  readonly guid: string;
  readonly deleted: boolean;
}

export const LEVELS = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;
export type CompatibilityLevel = (typeof LEVELS)[number];

export const MODES = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT'] as const;
export type Mode = (typeof MODES)[number];

/** Settings of a subject, a context or all; what is missing is asked of the next wider one. */
export interface SubjectConfig {
  readonly compatibilityLevel?: CompatibilityLevel;
  /** Only versions with the same value of this metadata property are compared. */
  readonly compatibilityGroup?: string;
  /** Another subject this one stands for. */
  readonly alias?: string;
  /** Registers and looks up as if `normalize=true` were always given. */
  readonly normalize?: boolean;
  readonly defaultMetadata?: JsonObject;
  readonly overrideMetadata?: JsonObject;
  readonly defaultRuleSet?: JsonObject;
  readonly overrideRuleSet?: JsonObject;
}
