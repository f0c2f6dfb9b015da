import protobuf from 'protobufjs';
import { isArray, isObject, type Json } from './json-text.ts';

type Plain = Readonly<Record<string, unknown>>;

/** An answer in Protocol Buffers as a case writes it down: each row as the text format of its message. */
export function readableRows(answer: Json): Json {
  if (!isArray(answer)) return answer;
  let message: protobuf.Type | undefined;
  return answer.map((item) => {
    if (!isObject(item)) return item;
    const { header, row } = item;
    if (header && isObject(header)) message = firstMessage(String(header.protoSchema));
    if (!row || !isObject(row) || message === undefined) return item;
    const decoded = message.decode(Buffer.from(String(row.protobufBytes), 'base64'));
    return { row: textOf(decoded as unknown as Plain, message, '') };
  });
}

function firstMessage(schema: string): protobuf.Type {
  const { root } = protobuf.parse(schema, { keepCase: true });
  root.resolveAll();
  const found = root.nestedArray.find((nested) => nested instanceof protobuf.Type);
  if (!(found instanceof protobuf.Type)) throw new Error(`no message in ${schema}`);
  return found;
}

/** Protocol Buffers' text format: the fields that are there, a line each, messages in braces. */
function textOf(object: Plain, message: protobuf.Type, indent: string): string {
  return message.fieldsArray
    .filter(({ name }) => Object.hasOwn(object, name))
    .flatMap((field) => {
      const value = object[field.name];
      return (field.repeated ? (value as unknown[]) : [value]).map((item) => lineOf(item, field, indent));
    })
    .join('');
}

function lineOf(value: unknown, { name, type, resolvedType }: protobuf.Field, indent: string): string {
  if (resolvedType instanceof protobuf.Type)
    return `${indent}${name} {\n${textOf(value as Plain, resolvedType, `${indent}  `)}${indent}}\n`;
  const text = type === 'bytes' ? Buffer.from(value as Uint8Array).toString('latin1') : String(value);
  return `${indent}${name}: ${type === 'bytes' || type === 'string' ? JSON.stringify(text) : text}\n`;
}
