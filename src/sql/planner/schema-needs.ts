import type { At, Property, Statement } from '../ast.ts';
import type { Catalog } from '../catalog.ts';
import type { FormatSpec } from '../plan.ts';
import type { PlanOptions } from '../planned.ts';
import { defaultFormats, type PlanContext, planContext } from './context.ts';
import { sinkDefaults } from './create-as.ts';
import { rulesOf } from './format-rules.ts';
import { declaredFormats, type Formats } from './formats.ts';
import { WithProperties } from './with-properties.ts';

/** A schema that has to be fetched before a statement can be planned: that of an id, or the newest of the topic. */
export interface SchemaNeed {
  readonly part: 'key' | 'value';
  readonly format: FormatSpec;
  readonly topic: string;
  /** Whether the fields of a record are the columns; else the whole is one column. */
  readonly takesFields: boolean;
  readonly at: At;
}

/**
 * What to ask a schema registry for before planning, which cannot wait:
 *
 *   CREATE ... WITH (VALUE_SCHEMA_ID = n)             schema n
 *   CREATE without columns of the key or the value    the newest of the topic, for formats with schemas
 */
export function schemaNeeds(statement: Statement, catalog: Catalog, options: PlanOptions): SchemaNeed[] {
  const context = planContext(catalog, options);
  switch (statement.kind) {
    case 'explainStatement':
      return schemaNeeds(statement.statement, catalog, options);
    case 'createSource': {
      const properties = new WithProperties(statement.properties, 'declaration');
      const topic = properties.text('KAFKA_TOPIC');
      if (topic === undefined) return [];
      const formats = declaredFormats(properties, defaultFormats(context), statement);
      const has = (roles: readonly string[]) => statement.columns.some(({ role }) => roles.includes(role));
      return needsOf(formats, topic, properties, statement, {
        key: !has(['KEY', 'PRIMARY KEY']),
        value: !has(['VALUE']),
      });
    }
    case 'createAs':
      return sinkNeeds(statement, context);
    default:
      return [];
  }
}

function sinkNeeds(statement: Statement & { readonly kind: 'createAs' }, context: PlanContext): SchemaNeed[] {
  const left = context.catalog.source(statement.query.from.name);
  if (!left || !statement.properties.some(namesSchemaId)) return [];
  const properties = new WithProperties(statement.properties, 'query');
  const keyless = statement.query.partitionBy[0]?.kind === 'null';
  const formats = declaredFormats(properties, sinkDefaults(left, keyless, context), statement);
  const topic = properties.text('KAFKA_TOPIC') ?? statement.name;
  return needsOf(formats, topic, properties, statement, { key: false, value: false });
}

function namesSchemaId({ name }: Property): boolean {
  return /_SCHEMA_ID$/i.test(name);
}

function needsOf(
  formats: Formats,
  topic: string,
  properties: WithProperties,
  { line, column }: At,
  wanted: { readonly key: boolean; readonly value: boolean },
): SchemaNeed[] {
  const isBareValue = properties.flag('WRAP_SINGLE_VALUE') === false;
  return (['key', 'value'] as const).flatMap((part) => {
    const format = formats[`${part}Format`];
    const { hasSchemas, unwraps } = rulesOf(format.name);
    if (format.schemaId === undefined && !(hasSchemas && wanted[part])) return [];
    // A key is one column where its format can hold a bare one.
    const takesFields = !(unwraps && (part === 'key' || isBareValue));
    return [{ part, format, topic, takesFields, at: { line, column } }];
  });
}
