import type { Column } from '../../data/schema.ts';
import type { SqlType } from '../../data/types.ts';
import type { WriterSchema } from '../../data/writer-schema.ts';
import { type SchemaTranslator, SerdeError } from '../../serde/format.ts';
import { format } from '../../serde/formats.ts';
import {
  type SchemaRegistry,
  SchemaRegistryError,
  type SubjectVersion,
} from '../../serde/schema-registry.ts';
import { schemaById, wholeSchema } from '../../serde/whole-schema.ts';
import type { Source } from '../../sql/catalog.ts';
import type { FormatSpec } from '../../sql/plan.ts';
import type { GivenSchema, PlannedOf, StatementSchemas } from '../../sql/planned.ts';
import type { SchemaNeed } from '../../sql/planner/schema-needs.ts';
import { SqlError } from '../../sql/sql-error.ts';
import { withoutHeaders } from '../header-columns.ts';
import { formatOptions } from '../operators/source.ts';
import { KsqlError, NO_REGISTRY } from './ksql-error.ts';

type Part = 'key' | 'value';
const PARTS: readonly Part[] = ['key', 'value'];

/** A query and what it writes. */
type Sink = Pick<PlannedOf<'createQuery'>, 'plan' | 'source'>;

/** Whole values of a topic as one column. */
const BARE_NAME: Record<Part, string> = { key: 'ROWKEY', value: 'ROWVAL' };

/**
 * Between statements and the schema registry. A topic's schemas are under the subjects `<topic>-key` and
 * `<topic>-value`:
 *
 *   before planning   given       columns that a statement leaves to a schema
 *   a declared topic  declare     its schema, unless there are some
 *   a sink            register    its schema, whose id becomes part of the plan
 *   rows by hand      toWrite     the newest schema if the columns fit into it, else their own
 *   a deleted topic   forget
 */
export class TopicSchemas {
  readonly #registry: SchemaRegistry | undefined;

  constructor(registry: SchemaRegistry | undefined) {
    this.#registry = registry;
  }

  async given(needs: readonly SchemaNeed[]): Promise<StatementSchemas> {
    const given: { key?: GivenSchema; value?: GivenSchema } = {};
    for (const need of needs) given[need.part] = await this.#fetch(need);
    return given;
  }

  /** Gives the source with the newest schemas of its topic, which most records will have; a topic without gets one. */
  async declare(source: Source): Promise<Source> {
    const [keyFormat, valueFormat] = await Promise.all(
      PARTS.map((part) =>
        this.#written(source, part, async (made) => (await latestOf(made)) ?? registered(made)),
      ),
    );
    return { ...source, keyFormat: keyFormat!, valueFormat: valueFormat! };
  }

  /** The same query and sink, its records with the ids of schemas that are registered now. */
  async register({ plan, source }: Sink): Promise<Sink> {
    const [keyFormat, valueFormat] = await Promise.all(
      PARTS.map((part) => this.#written(source, part, registered)),
    );
    const formats = { keyFormat: keyFormat!, valueFormat: valueFormat! };
    return { plan: { ...plan, sink: { ...plan.sink, ...formats } }, source: { ...source, ...formats } };
  }

  /** Of a topic that others write too, and have perhaps given schemas of their own. */
  async toWrite(source: Source): Promise<Pick<Source, 'keyFormat' | 'valueFormat'>> {
    const fitting = async (made: Made) => (await newestThatFits(made)) ?? registered(made);
    const [keyFormat, valueFormat] = await Promise.all(
      PARTS.map((part) => this.#written(source, part, fitting)),
    );
    return { keyFormat: keyFormat!, valueFormat: valueFormat! };
  }

  /** Of a topic that is about to be deleted. */
  async forget(source: Source): Promise<void> {
    for (const part of PARTS)
      if (format(partOf(source, part).spec.name).translator)
        await this.#registry?.deleteSubject(`${source.topic}-${part}`);
  }

  async #written(
    source: Source,
    part: Part,
    schemaOf: (made: Made) => Promise<WriterSchema>,
  ): Promise<FormatSpec> {
    const { spec } = partOf(source, part);
    const made = this.#schemaOf(source, part);
    // A schema that was asked for by its id is what it is.
    return made && spec.schemaId === undefined ? { ...spec, schema: await schemaOf(made) } : spec;
  }

  /** Undefined for a format without schemas, and where there are no columns to make one of. */
  #schemaOf(source: Source, part: Part): Made | undefined {
    const { spec, columns } = partOf(source, part);
    const { translator } = format(spec.name);
    if (!translator || columns.length === 0) return undefined;
    const registry = this.#required(spec.name);
    const fullName = spec.fullName ?? defaultName(spec.name, part, source.name);
    const options = { ...formatOptions(spec, part), ...(fullName !== undefined && { fullName }) };
    const text = () => ({
      type: translator.type,
      schema: translator.textOf(columns, options),
      references: [],
    });
    return { registry, subject: `${source.topic}-${part}`, text, translator, spec, part, columns };
  }

  async #fetch(need: SchemaNeed): Promise<GivenSchema> {
    const { format: spec, part, takesFields, at } = need;
    const refuse = (message: string) => new SqlError(message, at.line, at.column);
    const { translator } = format(spec.name);
    const registry = this.#required(spec.name);
    const schema = await this.#found(registry, need);
    if (!translator || !schema) throw refuse(missing(need));
    if (schema.type !== translator.type)
      throw refuse(
        `Schema ${schema.id} is of type ${schema.type}, and the format of the ${part} is ${spec.name}. Name the format that the schema is for.`,
      );
    let type: SqlType;
    try {
      type = translator.typeOf(schema, formatOptions(spec, part));
    } catch (error) {
      if (!(error instanceof SerdeError)) throw error;
      throw refuse(
        `Schema ${schema.id}, of message ${part}s on topic '${need.topic}', has no SQL columns: ${error.message}`,
      );
    }
    // Names of a schema that was asked for by its id are taken as they are; else as SQL writes them.
    const named = spec.schemaId === undefined ? upperCased(type) : type;
    const hasFields = takesFields && named.kind === 'STRUCT';
    const columns = hasFields ? named.fields : [{ name: BARE_NAME[part], type: named }];
    return { schema, columns, hasFields };
  }

  async #found(
    registry: SchemaRegistry,
    { format: { schemaId }, topic, part }: SchemaNeed,
  ): Promise<WriterSchema | undefined> {
    if (schemaId !== undefined) return schemaById(registry)(schemaId);
    const latest = await registry.latest(`${topic}-${part}`);
    return latest && { ...(await wholeSchema(registry, latest)), id: latest.id };
  }

  #required(formatName: string): SchemaRegistry {
    if (this.#registry) return this.#registry;
    throw new KsqlError(
      NO_REGISTRY,
      `The format ${formatName} needs a schema registry, and this server has none. Start it with one, or use JSON, DELIMITED or KAFKA.`,
    );
  }
}

interface Made {
  readonly registry: SchemaRegistry;
  readonly subject: string;
  readonly text: () => Pick<SubjectVersion, 'type' | 'schema' | 'references'>;
  readonly translator: SchemaTranslator;
  readonly spec: FormatSpec;
  readonly part: Part;
  readonly columns: readonly Column[];
}

async function registered({ registry, subject, text }: Made): Promise<WriterSchema> {
  const made = text();
  try {
    const id = await registry.register(subject, made);
    return { id, type: made.type, schema: made.schema, imports: [] };
  } catch (error) {
    if (!(error instanceof SchemaRegistryError)) throw error;
    throw new SchemaRegistryError(
      `The schema for subject ${subject} was not taken: ${error.message}`,
      error.code,
    );
  }
}

/** The subject's newest schema, of whatever fields. */
async function latestOf({ registry, subject, translator }: Made): Promise<WriterSchema | undefined> {
  const latest = await registry.latest(subject);
  if (latest?.type !== translator.type) return undefined;
  return { ...(await wholeSchema(registry, latest)), id: latest.id };
}

/** The same, if the columns can be written in it. */
async function newestThatFits(made: Made): Promise<WriterSchema | undefined> {
  const schema = await latestOf(made);
  if (schema === undefined) return undefined;
  const { spec, part, columns } = made;
  try {
    format(spec.name).writer(columns, { ...formatOptions(spec, part), schema });
    return schema;
  } catch (error) {
    if (!(error instanceof SerdeError)) throw error;
    return undefined;
  }
}

function partOf(
  { keyFormat, valueFormat, schema }: Source,
  part: Part,
): { readonly spec: FormatSpec; readonly columns: readonly Column[] } {
  return { spec: part === 'key' ? keyFormat : valueFormat, columns: withoutHeaders(schema[part]) };
}

/** ksqlDB names an AVRO key's record after the source, so that two keys in one place do not clash. */
function defaultName(formatName: string, part: Part, source: string): string | undefined {
  if (formatName !== 'AVRO' || part !== 'key') return undefined;
  const words = source.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const camel = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1).toLowerCase()}`).join('');
  return `io.confluent.ksql.avro_schemas.${/^[0-9]/.test(camel) ? '_' : ''}${camel}Key`;
}

function missing({ format: { schemaId }, topic, part }: SchemaNeed): string {
  if (schemaId !== undefined)
    return `The schema registry has no schema ${schemaId}, by which ${part}s on topic '${topic}' were to be read.`;
  return `The schema registry has no schema of ${part}s on topic '${topic}': its subject ${topic}-${part} is empty. Register one there, name another by ${part.toUpperCase()}_SCHEMA_ID, or list the columns of the ${part}.`;
}

function upperCased(type: SqlType): SqlType {
  switch (type.kind) {
    case 'ARRAY':
      return { kind: 'ARRAY', element: upperCased(type.element) };
    case 'MAP':
      return { kind: 'MAP', key: upperCased(type.key), value: upperCased(type.value) };
    case 'STRUCT':
      return {
        kind: 'STRUCT',
        fields: type.fields.map((field) => ({
          name: field.name.toUpperCase(),
          type: upperCased(field.type),
        })),
      };
    default:
      return type;
  }
}
