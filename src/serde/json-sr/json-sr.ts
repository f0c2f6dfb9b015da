import type { Format, FormatOptions, SchemaTranslator } from '../format.ts';
import { jsonFormat } from '../json.ts';
import { PREFIX_BYTES, prefixOf, registeredBody, registeredWriter } from '../registered.ts';
import { jsonSchemaText } from './json-schema-text.ts';
import { sqlTypeOfJsonSchema } from './json-schema-type.ts';

const translator: SchemaTranslator = {
  type: 'JSON',
  textOf: (columns, options) => jsonSchemaText(columns, isWrapped(columns.length, options)),
  typeOf: sqlTypeOfJsonSchema,
};

/** JSON_SR: JSON behind the id of a JSON Schema. Reading does not need the schema: the columns say what is wanted. */
export const jsonSrFormat: Format = {
  name: 'JSON_SR',
  translator,

  decoder: (columns, options) => registeredBody(jsonFormat.decoder(columns, options)),

  writer: (columns, options) =>
    registeredWriter(options.schema?.id ?? 0, jsonFormat.writer(columns, options)),

  scanCode(columns, options, fields, helper) {
    const scan = jsonFormat.scanCode?.(columns, options, fields, helper);
    return (
      scan && `if (e - p >= ${PREFIX_BYTES} && b[p] === 0) {\np += ${PREFIX_BYTES};\n${scan}\n} else p = -1;`
    );
  },

  writeCode(columns, options, values, constant) {
    const write = jsonFormat.writeCode?.(columns, options, values, constant);
    if (write === undefined) return undefined;
    return `out.raw(${constant(prefixOf(options.schema?.id ?? 0))});\n${write}`;
  },
};

function isWrapped(columnCount: number, { part, wrapSingle }: FormatOptions): boolean {
  return columnCount !== 1 || (wrapSingle ?? part === 'value');
}
