import type { Column } from '../../data/schema.ts';
import { type Format, type FormatOptions, type SchemaTranslator, SerdeError, type Write } from '../format.ts';
import { registeredDecoder, registeredWriter } from '../registered.ts';
import { sqlTypeOf } from './avro-columns.ts';
import { avroDecoder } from './avro-read.ts';
import { avroText } from './avro-text.ts';
import { avroWriter } from './avro-write.ts';
import { parseAvro } from './parse-avro.ts';

const translator: SchemaTranslator = {
  type: 'AVRO',
  textOf: (columns, options) => avroText(columns, isWrapped(columns, options), options.fullName),
  typeOf: ({ schema, imports }) => sqlTypeOf(parseAvro(schema, imports)),
};

/**
 * AVRO, each record with the id of its schema before it.
 *
 *   record --id--> the writer's schema --compiled once for these columns--> columns
 */
export const avroFormat: Format = {
  name: 'AVRO',
  translator,
  readsBySchema: true,

  decoder(columns, options) {
    if (columns.length === 0) return () => true;
    const used = options.used ?? columns.map((_, index) => index);
    const wrapped = isWrapped(columns, options);
    return registeredDecoder(options.schemas, ({ type, schema, imports, id }) => {
      if (type !== 'AVRO') throw new SerdeError(`schema ${id} is of type ${type}, and the format is AVRO`);
      return avroDecoder(parseAvro(schema, imports), columns, used, wrapped);
    });
  },

  writer(columns, options): Write {
    if (columns.length === 0 && options.part === 'key') return () => false;
    const { id, schema, imports } = options.schema ?? {
      id: 0,
      schema: translator.textOf(columns, options),
      imports: [],
    };
    return registeredWriter(id, avroWriter(parseAvro(schema, imports), columns, isWrapped(columns, options)));
  },
};

function isWrapped(columns: readonly Column[], { part, wrapSingle }: FormatOptions): boolean {
  return columns.length !== 1 || (wrapSingle ?? part === 'value');
}
