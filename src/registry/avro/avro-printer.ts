import {
  type AvroField,
  type AvroNamed,
  type AvroType,
  isNamed,
  namespaceOf,
  PRIMITIVES,
  simpleName,
} from '../../serde/avro/avro-type.ts';

export interface PrintOptions {
  /** Types that stand elsewhere: only their names are printed. */
  readonly known: ReadonlySet<string>;
  /** Names in full, attributes in alphabetical order. */
  readonly normalized: boolean;
}

/** A schema as JSON without layout, its fields in the order of Avro's own libraries; a type's definition is printed once. */
export function printAvro(type: AvroType, options: PrintOptions): string {
  return JSON.stringify(new Printer(options).json(type, ''));
}

class Printer {
  readonly #printed: Set<string>;
  readonly #normalized: boolean;

  constructor({ known, normalized }: PrintOptions) {
    this.#printed = new Set(known);
    this.#normalized = normalized;
  }

  json(type: AvroType, namespace: string): unknown {
    if (isNamed(type)) return this.#named(type, namespace);
    switch (type.kind) {
      case 'union':
        return type.branches.map((branch) => this.json(branch, namespace));
      case 'array':
        return { type: 'array', items: this.json(type.items, namespace), ...this.#attributes(type) };
      case 'map':
        return { type: 'map', values: this.json(type.values, namespace), ...this.#attributes(type) };
      default: {
        const attributes = this.#attributes(type);
        return Object.keys(attributes).length === 0 ? type.kind : { type: type.kind, ...attributes };
      }
    }
  }

  #named(type: AvroNamed, namespace: string): unknown {
    const own = namespaceOf(type.fullName);
    if (this.#printed.has(type.fullName)) return this.#name(type.fullName, namespace);
    this.#printed.add(type.fullName);
    const head = {
      type: type.kind === 'record' && type.isError ? 'error' : type.kind,
      ...this.#head(type.fullName, own, namespace),
      ...(type.doc !== undefined && { doc: type.doc }),
    };
    const tail = { ...this.#attributes(type), ...this.#aliases(type.aliases, own) };
    switch (type.kind) {
      case 'record':
        return { ...head, fields: type.fields.map((field) => this.#field(field, own)), ...tail };
      case 'enum':
        return {
          ...head,
          symbols: type.symbols,
          ...(type.fallback !== undefined && { default: type.fallback }),
          ...tail,
        };
      case 'fixed':
        return { ...head, size: type.size, ...tail };
    }
  }

  #head(fullName: string, own: string, namespace: string): object {
    // A name without a namespace must not fall into the one around it.
    if (this.#normalized)
      return { name: fullName, ...(own === '' && namespace !== '' && { namespace: own }) };
    return { name: simpleName(fullName), ...(own !== namespace && { namespace: own }) };
  }

  #field({ name, type, doc, fallback, order, aliases, attributes }: AvroField, namespace: string): object {
    return {
      name,
      type: this.json(type, namespace),
      ...(doc !== undefined && { doc }),
      ...(fallback && { default: fallback.value }),
      ...(order !== 'ascending' && { order }),
      ...(aliases.length > 0 && { aliases }),
      ...this.#attributes({ attributes }),
    };
  }

  #name(fullName: string, namespace: string): string {
    if (this.#normalized) return fullName;
    const short = simpleName(fullName);
    const isTaken = (PRIMITIVES as readonly string[]).includes(short);
    return namespaceOf(fullName) === namespace && !isTaken ? short : fullName;
  }

  #aliases(aliases: readonly string[], namespace: string): object {
    if (aliases.length === 0) return {};
    return { aliases: aliases.map((alias) => this.#name(alias, namespace)) };
  }

  #attributes({ attributes }: { readonly attributes: Readonly<Record<string, unknown>> }): object {
    if (!this.#normalized) return attributes;
    return Object.fromEntries(Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1)));
  }
}
