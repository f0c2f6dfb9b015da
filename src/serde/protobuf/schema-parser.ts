import { createRequire } from 'node:module';
import type { Root, Type } from 'protobufjs';
import type { SchemaImport } from '../../data/writer-schema.ts';
import { SerdeError } from '../format.ts';
import { WELL_KNOWN_FILES } from './well-known.ts';

let library: typeof import('protobufjs') | undefined;

/** Loaded with the first schema: most servers read none. */
export function loadProtobufjs(): typeof import('protobufjs') {
  library ??= createRequire(import.meta.url)('protobufjs') as typeof import('protobufjs');
  return library;
}

/** A .proto file with all that it imports, its names resolved. */
export class ParsedSchema {
  readonly #root: Root;
  /** Its own outermost messages, in their order; what it imports is not among them. */
  readonly #messages: readonly Type[];

  private constructor(root: Root, messages: readonly Type[]) {
    this.#root = root;
    this.#messages = messages;
  }

  /** Throws SerdeError for what is no schema. */
  static of(text: string, imports: readonly SchemaImport[] = []): ParsedSchema {
    const protobuf = loadProtobufjs();
    const root = new protobuf.Root();
    try {
      const own = protobuf.parse(text, root, { keepCase: true });
      const scope = own.package === undefined ? root : root.lookup(own.package);
      const messages = messagesOf(scope as Root);
      parseImports(own.imports ?? [], root, new Map(imports.map(({ name, schema }) => [name, schema])));
      root.resolveAll();
      return new ParsedSchema(root, messages);
    } catch (error) {
      if (error instanceof SerdeError) throw error;
      throw new SerdeError(`The Protobuf schema is not valid: ${(error as Error).message}`);
    }
  }

  /** The first message, or the one of that full name, in this file or an imported one. Undefined: there is none. */
  message(fullName?: string): Type | undefined {
    if (fullName === undefined) return this.#messages[0];
    const found = this.#root.lookup(fullName.replace(/^\./, ''), [loadProtobufjs().Type]);
    return (found as Type | null) ?? undefined;
  }

  /** The message to which a path of positions leads: [1, 0] is the first message inside of the second one. */
  at(path: readonly number[]): Type | undefined {
    let among = this.#messages;
    let found: Type | undefined;
    for (const index of path) {
      found = among[index];
      if (found === undefined) return undefined;
      among = messagesOf(found);
    }
    return found;
  }

  /** The path that leads to a message of this file. */
  pathTo(message: Type): number[] {
    const { Type } = loadProtobufjs();
    const outer = message.parent;
    if (!(outer instanceof Type)) return [this.#messages.indexOf(message)];
    return [...this.pathTo(outer), messagesOf(outer).indexOf(message)];
  }
}

function messagesOf(scope: Root | Type): Type[] {
  const { Type } = loadProtobufjs();
  return scope.nestedArray.filter((nested) => nested instanceof Type);
}

function parseImports(files: readonly string[], root: Root, given: ReadonlyMap<string, string>): void {
  const done = new Set<string>();
  const pending = [...files];
  for (let file = pending.pop(); file !== undefined; file = pending.pop()) {
    if (done.has(file)) continue;
    done.add(file);
    const text = given.get(file) ?? WELL_KNOWN_FILES[file];
    if (text === undefined)
      throw new SerdeError(
        `The Protobuf schema imports ${file}, which is none of its references: register it and refer to it`,
      );
    pending.push(...(loadProtobufjs().parse(text, root, { keepCase: true }).imports ?? []));
  }
}
