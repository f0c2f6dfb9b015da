import type { SchemaImport } from '../../data/writer-schema.ts';
import { SerdeError } from '../format.ts';
import { AvroParser } from './avro-parser.ts';
import type { AvroType } from './avro-type.ts';

/** Parses a schema's text, and before it those that it refers to. Throws SerdeError for what is no Avro schema. */
export function parseAvro(text: string, imports: readonly SchemaImport[] = []): AvroType {
  const parser = new AvroParser();
  try {
    for (const { schema } of imports) parser.parse(schema);
    return parser.parse(text);
  } catch (error) {
    if (error instanceof RangeError) throw new SerdeError('the Avro schema is nested too deeply');
    if (error instanceof SerdeError) throw new SerdeError(`the Avro schema is wrong: ${error.message}`);
    throw error;
  }
}
