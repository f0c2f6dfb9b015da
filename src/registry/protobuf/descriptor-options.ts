import descriptor from 'protobufjs/ext/descriptor.js';
import type { ProtoOption, ProtoValue } from './proto-model.ts';
import { quoted, unquoted } from './proto-tokens.ts';

/** The messages that options of each kind of thing are kept in. */
type OptionsMessage =
  | 'FileOptions'
  | 'MessageOptions'
  | 'FieldOptions'
  | 'OneofOptions'
  | 'EnumOptions'
  | 'EnumValueOptions'
  | 'ServiceOptions'
  | 'MethodOptions';

interface OptionField {
  readonly name: string;
  readonly type: string;
  readonly repeated: boolean;
  /** Of an enum: name -> number. */
  readonly values: Readonly<Record<string, number>> | undefined;
}

/** The options that descriptor.proto itself defines: snake_case name -> field. */
function fieldsOf(message: OptionsMessage): ReadonlyMap<string, OptionField> {
  let known = FIELDS.get(message);
  if (!known) {
    const { fieldsArray } = descriptor[message];
    known = new Map(
      fieldsArray.map((field) => {
        const { name, type, repeated } = field.resolve();
        const values =
          field.resolvedType && 'values' in field.resolvedType ? field.resolvedType.values : undefined;
        return [snakeCase(name), { name, type, repeated, values }];
      }),
    );
    FIELDS.set(message, known);
  }
  return known;
}
const FIELDS = new Map<OptionsMessage, ReadonlyMap<string, OptionField>>();

export function optionsFromDescriptor(
  message: OptionsMessage,
  options: Readonly<Record<string, unknown>> | undefined,
): ProtoOption[] {
  if (!options) return [];
  return [...fieldsOf(message)].flatMap(([name, field]) => {
    const value = options[field.name];
    if (value === undefined || name === 'map_entry' || name === 'uninterpreted_option') return [];
    if (typeof value === 'object') return [];
    return [{ name, value: { kind: 'token' as const, text: textOf(value, field) } }];
  });
}

function textOf(value: unknown, { values }: OptionField): string {
  if (typeof value === 'string') return quoted(value);
  const named = values && Object.entries(values).find(([, number]) => number === value);
  return named ? named[0] : String(value);
}

/** `{options}`, or nothing where there are none. */
export function optionsToDescriptor(
  message: OptionsMessage,
  options: readonly ProtoOption[],
): { options?: Record<string, unknown> } {
  const known = fieldsOf(message);
  const entries = options.flatMap(({ name, value }) => {
    const field = known.get(name);
    return field && value.kind === 'token' ? [[field.name, optionValue(value, field)] as const] : [];
  });
  return entries.length === 0 ? {} : { options: Object.fromEntries(entries) };
}

function optionValue(
  value: ProtoValue & { readonly kind: 'token' },
  { type, values, repeated }: OptionField,
): unknown {
  const one = (): unknown => {
    if (type === 'string') return unquoted(value.text);
    if (type === 'bool') return value.text === 'true';
    return values?.[value.text] ?? Number(value.text);
  };
  return repeated ? [one()] : one();
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
