import {
  fieldsOf,
  MAX_ENUM_NUMBER,
  MAX_FIELD_NUMBER,
  type ProtoEnum,
  type ProtoExtend,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoOption,
  type ProtoRange,
  type ProtoService,
  type ProtoValue,
} from './proto-model.ts';

import { quoted } from './proto-tokens.ts';

/** A file in one layout, without comments; what is in it keeps its order. */
export function printProtoFile(file: ProtoFile): string {
  const isEdition = !file.syntax.startsWith('proto');
  const blocks = [
    [
      `${isEdition ? 'edition' : 'syntax'} = ${quoted(file.syntax)};`,
      ...lines(file.package, (name) => `package ${name};`),
    ],
    file.imports.map(({ path, kind }) => `import ${kind === '' ? '' : `${kind} `}${quoted(path)};`),
    file.options.map(optionLine),
    ...file.types.map(type),
    ...file.extensions.map(extend),
    ...file.services.map(service),
  ];
  return `${joined(blocks).join('\n')}\n`;
}

/** Blocks with an empty line between them; empty ones are left out. */
function joined(blocks: readonly (readonly string[])[]): string[] {
  return blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index === 0 ? block : ['', ...block]));
}

function lines(text: string, line: (text: string) => string): string[] {
  return text === '' ? [] : [line(text)];
}

function block(head: string, content: readonly string[]): string[] {
  if (content.length === 0) return [`${head} {}`];
  return [`${head} {`, ...content.map((line) => (line === '' ? '' : `  ${line}`)), '}'];
}

function type(one: ProtoMessage | ProtoEnum): string[] {
  return one.kind === 'message' ? message(one) : enumeration(one);
}

function message(one: ProtoMessage): string[] {
  return block(`message ${one.name}`, messageContent(one));
}

function messageContent(one: ProtoMessage): string[] {
  const groups = new Set(fieldsOf(one).flatMap(({ isGroup, type }) => (isGroup ? [type] : [])));
  const fieldLines = (field: ProtoField): string[] => {
    const body = field.isGroup && one.types.find(({ name }) => name === field.type);
    return body && body.kind === 'message'
      ? block(groupHead(field), messageContent(body))
      : [fieldLine(field)];
  };
  return joined([
    [
      ...reserved(one, MAX_FIELD_NUMBER),
      ...one.options.map(optionLine),
      ...one.fields.flatMap(fieldLines),
      ...lines(ranges(one.extensionRanges, MAX_FIELD_NUMBER), (text) => `extensions ${text};`),
    ],
    ...one.oneofs.map(({ name, options, fields }) =>
      block(`oneof ${name}`, [...options.map(optionLine), ...fields.flatMap(fieldLines)]),
    ),
    ...one.types.filter(({ name }) => !groups.has(name)).map(type),
    ...one.extensions.map(extend),
  ]);
}

function reserved(
  { reserved, reservedNames }: Pick<ProtoMessage, 'reserved' | 'reservedNames'>,
  max: number,
): string[] {
  const names = reservedNames.map((name) => quoted(name)).join(', ');
  return [
    ...lines(ranges(reserved, max), (text) => `reserved ${text};`),
    ...lines(names, (text) => `reserved ${text};`),
  ];
}

function ranges(list: readonly ProtoRange[], max: number): string {
  return list
    .map(({ from, to }) => (from === to ? `${from}` : `${from} to ${to >= max ? 'max' : to}`))
    .join(', ');
}

function groupHead({ label, type, number, options }: ProtoField): string {
  return `${label === '' ? '' : `${label} `}group ${type} = ${number}${bracketed(options)}`;
}

function fieldLine({ label, type, mapKey, name, number, options }: ProtoField): string {
  const shown = mapKey === undefined ? type : `map<${mapKey}, ${type}>`;
  return `${label === '' ? '' : `${label} `}${shown} ${name} = ${number}${bracketed(options)};`;
}

function bracketed(options: readonly ProtoOption[]): string {
  return options.length === 0 ? '' : ` [${options.map(option).join(', ')}]`;
}

function enumeration(one: ProtoEnum): string[] {
  const values = one.values.map(({ name, number, options }) => `${name} = ${number}${bracketed(options)};`);
  return block(`enum ${one.name}`, [
    ...reserved(one, MAX_ENUM_NUMBER),
    ...one.options.map(optionLine),
    ...values,
  ]);
}

function extend({ type, fields }: ProtoExtend): string[] {
  return block(`extend ${type}`, fields.map(fieldLine));
}

function service({ name, options, methods }: ProtoService): string[] {
  const calls = methods.flatMap((method) => {
    const input = `${method.clientStreams ? 'stream ' : ''}${method.input}`;
    const output = `${method.serverStreams ? 'stream ' : ''}${method.output}`;
    const head = `rpc ${method.name} (${input}) returns (${output})`;
    return method.options.length === 0 ? [`${head};`] : block(head, method.options.map(optionLine));
  });
  return block(`service ${name}`, [...options.map(optionLine), ...calls]);
}

function optionLine(one: ProtoOption): string {
  return `option ${option(one)};`;
}

function option({ name, value }: ProtoOption): string {
  return `${name} = ${printValue(value)}`;
}

export function printValue(value: ProtoValue): string {
  switch (value.kind) {
    case 'token':
      return value.text;
    case 'list':
      return `[${value.items.map(printValue).join(', ')}]`;
    case 'message':
      return `{ ${value.fields.map(({ name, value: field }) => `${name}: ${printValue(field)}`).join(', ')} }`;
  }
}
