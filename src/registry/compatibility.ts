import type { CompatibilityLevel, SchemaVersion } from './model.ts';
import type { Incompatibility, ParsedSchema } from './parsed-schema.ts';

export interface EarlierSchema {
  readonly version: number;
  readonly schema: ParsedSchema;
}

type Direction = 'BACKWARD' | 'FORWARD';

const DIRECTIONS: Record<string, readonly Direction[]> = {
  NONE: [],
  BACKWARD: ['BACKWARD'],
  FORWARD: ['FORWARD'],
  FULL: ['BACKWARD', 'FORWARD'],
};

/**
 * Why a schema may not follow these (oldest first) at a level; empty when it may. Of a level that is not transitive only
 * the newest counts; of several that stand in the way, the newest is told of.
 */
export function incompatibilities(
  level: CompatibilityLevel,
  next: ParsedSchema,
  earlier: readonly EarlierSchema[],
): string[] {
  const isTransitive = level.endsWith('_TRANSITIVE');
  const directions = DIRECTIONS[level.replace('_TRANSITIVE', '')]!;
  if (directions.length === 0) return [];
  for (const { version, schema } of isTransitive ? earlier.toReversed() : earlier.slice(-1)) {
    const found = directions.flatMap((direction) => against(direction, next, schema));
    if (found.length > 0)
      return [
        ...found,
        `{oldSchemaVersion: ${version}}`,
        `{oldSchema: '${schema.text}'}`,
        `{compatibility: '${level}'}`,
      ];
  }
  return [];
}

function against(direction: Direction, next: ParsedSchema, earlier: ParsedSchema): string[] {
  if (next.type !== earlier.type)
    return [
      `{errorType:'SCHEMA_TYPE_CHANGED', description:'A schema of type ${next.type} cannot follow one of type ${earlier.type}'}`,
    ];
  const [reader, writer] = direction === 'BACKWARD' ? [next, earlier] : [earlier, next];
  const names =
    direction === 'BACKWARD'
      ? 'reader: new schema, writer: old schema'
      : 'reader: old schema, writer: new schema';
  return reader.cannotRead(writer).map((found) => message(found, names));
}

function message({ rule, path, reason }: Incompatibility, additionalInfo: string): string {
  return `{errorType:'${rule}', description:'${reason} (at path '${path}')', additionalInfo:'${additionalInfo}'}`;
}

/** The versions that a schema is compared with: all in force, or those of its compatibility group. */
export function comparable(
  versions: readonly SchemaVersion[],
  next: Pick<SchemaVersion, 'metadata'>,
  group: string | undefined,
): readonly SchemaVersion[] {
  if (group === undefined) return versions;
  const wanted = propertyOf(next, group);
  return versions.filter((version) => propertyOf(version, group) === wanted);
}

function propertyOf({ metadata }: Pick<SchemaVersion, 'metadata'>, name: string): unknown {
  return (metadata?.properties as Record<string, unknown> | undefined)?.[name];
}
