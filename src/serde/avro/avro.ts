import type { Column } from '../../data/schema.ts';
import type { WriterSchema } from '../../data/writer-schema.ts';
import { type Format, type FormatOptions, type SchemaTranslator, SerdeError, type Write } from '../format.ts';
import type { ScanField } from '../json-scanner.ts';
import { PREFIX_BYTES, prefixOf, registeredDecoder, registeredWriter } from '../registered.ts';
import { sqlTypeOf } from './avro-columns.ts';
import { AvroCursor } from './avro-cursor.ts';
import { avroDecoder, avroFieldsCode } from './avro-read.ts';
import { avroText } from './avro-text.ts';
import { avroRecordCode, avroWriter } from './avro-write.ts';
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

  scanCode(columns, options, fields, helper) {
    if (options.schema?.type !== 'AVRO' || !isWrapped(columns, options)) return undefined;
    return scanCode(options.schema, fields, (value) => helper('avro', value));
  },

  writeCode(columns, options, values, constant) {
    if (columns.length === 0 || !isWrapped(columns, options)) return undefined;
    const { id, schema, imports } = schemaFor(columns, options);
    const type = parseAvro(schema, imports);
    const code = codeOf(() => avroRecordCode(type, columns, values, constant));
    return code && `out.raw(${constant(prefixOf(id))});\n${code}`;
  },

  writer(columns, options): Write {
    if (columns.length === 0 && options.part === 'key') return () => false;
    const { id, schema, imports } = schemaFor(columns, options);
    return registeredWriter(id, avroWriter(parseAvro(schema, imports), columns, isWrapped(columns, options)));
  },
};

/** In the schema that most records are said to have, fields are read in place; else by the decoder. */
function scanCode(
  schema: WriterSchema,
  fields: readonly ScanField[],
  constant: (value: unknown) => string,
): string | undefined {
  const read = codeOf(() => avroFieldsCode(parseAvro(schema.schema, schema.imports), fields, constant));
  if (read === undefined) return undefined;
  // The bytes are `b`, from `p` to `e`; what reads them has a cursor of its own instead of the records'.
  return `if (e - p >= ${PREFIX_BYTES} && b[p] === 0 && b.readInt32BE(p + 1) === ${schema.id}) {
const c = ${constant(new AvroCursor())};
c.reset(b, p + ${PREFIX_BYTES}, e);
${read}
p = e;
} else p = -1;`;
}

/** Undefined for what only a record's own reader or writer can say. */
function codeOf(generate: () => string): string | undefined {
  try {
    return generate();
  } catch (error) {
    if (!(error instanceof SerdeError)) throw error;
    return undefined;
  }
}

/** What a schema made of columns comes to where none is given: of no registry. */
function schemaFor(columns: readonly Column[], options: FormatOptions): WriterSchema {
  return options.schema ?? { id: 0, type: 'AVRO', schema: translator.textOf(columns, options), imports: [] };
}

function isWrapped(columns: readonly Column[], { part, wrapSingle }: FormatOptions): boolean {
  return columns.length !== 1 || (wrapSingle ?? part === 'value');
}
