import { isJsonObject, sortedJson } from '../../serde/exact-json.ts';
import type { ParsedSchema, SchemaParser } from '../parsed-schema.ts';
import { jsonIncompatibilities } from './json-containment.ts';
import { JsonDocument } from './json-document.ts';

class JsonSchema implements ParsedSchema {
  readonly type = 'JSON';
  readonly #document: JsonDocument;
  readonly text: string;

  constructor(document: JsonDocument) {
    this.#document = document;
    this.text = JSON.stringify(document.root);
  }

  get normalized(): string {
    return sortedJson(this.#document.root);
  }

  cannotRead(writer: ParsedSchema) {
    return jsonIncompatibilities(this.#document.place, (writer as JsonSchema).#document.place);
  }

  hasField(name: string): boolean {
    let node: unknown = this.#document.root;
    for (const part of name.split('.')) {
      const properties = isJsonObject(node) ? node.properties : undefined;
      if (!isJsonObject(properties) || !Object.hasOwn(properties, part)) return false;
      node = properties[part];
    }
    return true;
  }

  formatted(): undefined {
    return undefined;
  }
}

export const parseJsonSchema: SchemaParser = (text, references) =>
  new JsonSchema(JsonDocument.parse(text, references));
