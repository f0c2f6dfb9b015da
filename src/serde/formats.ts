import { avroFormat } from './avro/avro.ts';
import { delimitedFormat } from './delimited.ts';
import { type Format, SerdeError } from './format.ts';
import { jsonFormat } from './json.ts';
import { jsonSrFormat } from './json-sr/json-sr.ts';
import { kafkaFormat } from './kafka.ts';
import { noneFormat } from './none.ts';
import { protobufFormat, protobufNoSrFormat } from './protobuf/protobuf.ts';

const FORMATS: readonly Format[] = [
  jsonFormat,
  kafkaFormat,
  delimitedFormat,
  noneFormat,
  avroFormat,
  jsonSrFormat,
  protobufFormat,
  protobufNoSrFormat,
];

export const formatNames: readonly string[] = FORMATS.map(({ name }) => name);

/** By its SQL name, in any case. */
export function format(name: string): Format {
  const found = FORMATS.find((candidate) => candidate.name === name.toUpperCase());
  if (!found) throw new SerdeError(`Unknown format: ${name}. Formats: ${formatNames.join(', ')}`);
  return found;
}
