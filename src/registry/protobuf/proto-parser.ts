import {
  MAX_ENUM_NUMBER,
  MAX_FIELD_NUMBER,
  type ProtoEnum,
  type ProtoEnumValue,
  type ProtoExtend,
  type ProtoField,
  type ProtoFile,
  type ProtoImport,
  type ProtoMessage,
  type ProtoMethod,
  type ProtoOneof,
  type ProtoOption,
  type ProtoRange,
  type ProtoService,
  type ProtoValue,
} from './proto-model.ts';
import { ProtoTokens } from './proto-tokens.ts';

/**
 * Reads a .proto file: proto2, proto3 and editions. By hand because the text is to be written again: parsers that build
 * types for encoding forget which imports are public, in which order things stand, and how an option was written.
 */
export function parseProtoFile(source: string): ProtoFile {
  return new ProtoParser(source).file();
}

/** Lists that the statements of a block are collected in. */
function emptyBody() {
  return {
    options: [] as ProtoOption[],
    fields: [] as ProtoField[],
    oneofs: [] as ProtoOneof[],
    types: [] as (ProtoMessage | ProtoEnum)[],
    extensions: [] as ProtoExtend[],
    extensionRanges: [] as ProtoRange[],
    reserved: [] as ProtoRange[],
    reservedNames: [] as string[],
  };
}
type Body = ReturnType<typeof emptyBody>;

class ProtoParser {
  readonly #tokens: ProtoTokens;

  constructor(source: string) {
    this.#tokens = new ProtoTokens(source);
  }

  file(): ProtoFile {
    const tokens = this.#tokens;
    const imports: ProtoImport[] = [];
    const services: ProtoService[] = [];
    const body = emptyBody();
    let syntax = 'proto2';
    let packageName = '';
    while (!tokens.isEnd) {
      if (tokens.accept(';')) continue;
      const keyword = tokens.word('a statement');
      switch (keyword) {
        case 'syntax':
        case 'edition':
          tokens.expect('=');
          syntax = tokens.quoted('a version');
          if (keyword === 'syntax' && syntax !== 'proto2' && syntax !== 'proto3')
            tokens.fail(`the syntax "${syntax}" is unknown`);
          tokens.expect(';');
          break;
        case 'package':
          packageName = tokens.name('a package');
          tokens.expect(';');
          break;
        case 'import':
          imports.push(this.#import());
          break;
        case 'service':
          services.push(this.#service());
          break;
        case 'message':
        case 'enum':
        case 'extend':
        case 'option':
          this.#common(keyword, body);
          break;
        default:
          tokens.fail(`'${keyword}' begins no statement of a file`);
      }
    }
    const { options, types, extensions } = body;
    return { syntax, package: packageName, imports, options, types, extensions, services };
  }

  #import(): ProtoImport {
    const kind = this.#tokens.accept('public') ? 'public' : this.#tokens.accept('weak') ? 'weak' : '';
    const path = this.#tokens.quoted('a file');
    this.#tokens.expect(';');
    return { path, kind };
  }

  /** What may stand in files and in messages. */
  #common(keyword: string, body: Body): void {
    if (keyword === 'message') body.types.push(this.#message(this.#tokens.word('a name')));
    else if (keyword === 'enum') body.types.push(this.#enum());
    else if (keyword === 'option') body.options.push(this.#optionStatement());
    else body.extensions.push(this.#extend(body));
  }

  #message(name: string): ProtoMessage {
    const tokens = this.#tokens;
    const body = emptyBody();
    tokens.expect('{');
    while (!tokens.accept('}')) {
      if (tokens.accept(';')) continue;
      // Every keyword may also begin the name of a type.
      const keyword = tokens.is('.') ? '' : tokens.word('a field');
      if (tokens.is('.')) body.fields.push(this.#field(keyword, body));
      else if (['message', 'enum', 'extend', 'option'].includes(keyword) && !this.#isFieldNext(keyword))
        this.#common(keyword, body);
      else if (keyword === 'oneof') body.oneofs.push(this.#oneof(body));
      else if (keyword === 'reserved') this.#reserved(body, MAX_FIELD_NUMBER);
      else if (keyword === 'extensions') this.#extensionRanges(body);
      else body.fields.push(this.#field(keyword, body));
    }
    return { kind: 'message', name, ...body };
  }

  /** A custom option's name is in parentheses, a type's name is followed by one. */
  #isFieldNext(keyword: string): boolean {
    return keyword === 'option' ? false : this.#tokens.is('=');
  }

  /** `first` is the word that has been taken already. */
  #field(first: string, body: Body): ProtoField {
    const tokens = this.#tokens;
    let label: ProtoField['label'] = '';
    let type = first;
    if (first === 'optional' || first === 'required' || first === 'repeated') {
      label = first;
      type = tokens.is('.') ? '' : tokens.word('a type');
    }
    if (type === 'map' && tokens.is('<')) return this.#mapField();
    if (type === 'group') return this.#group(label, body);
    while (tokens.accept('.')) type += `.${tokens.word('a type')}`;
    const name = tokens.word('the name of a field');
    return { name, label, type, isGroup: false, ...this.#numberAndOptions() };
  }

  #mapField(): ProtoField {
    const tokens = this.#tokens;
    tokens.expect('<');
    const mapKey = tokens.word('the type of a key');
    tokens.expect(',');
    const type = tokens.name('the type of a value');
    tokens.expect('>');
    const name = tokens.word('the name of a field');
    return { name, label: '', type, mapKey, isGroup: false, ...this.#numberAndOptions() };
  }

  #group(label: ProtoField['label'], body: Body): ProtoField {
    const tokens = this.#tokens;
    const type = tokens.word('the name of a group');
    tokens.expect('=');
    const number = this.#fieldNumber();
    const options = this.#bracketOptions();
    body.types.push(this.#message(type));
    return { name: type.toLowerCase(), number, label, type, isGroup: true, options };
  }

  #numberAndOptions() {
    this.#tokens.expect('=');
    const number = this.#fieldNumber();
    const options = this.#bracketOptions();
    this.#tokens.expect(';');
    return { number, options };
  }

  #fieldNumber(): number {
    const number = this.#tokens.integer('the number of a field');
    if (number < 1 || number > MAX_FIELD_NUMBER) this.#tokens.fail(`${number} is no number of a field`);
    return number;
  }

  #oneof(body: Body): ProtoOneof {
    const tokens = this.#tokens;
    const name = tokens.word('the name of a oneof');
    const options: ProtoOption[] = [];
    const fields: ProtoField[] = [];
    tokens.expect('{');
    while (!tokens.accept('}')) {
      if (tokens.accept(';')) continue;
      if (tokens.accept('option')) options.push(this.#optionStatement());
      else fields.push(this.#field(tokens.is('.') ? '' : tokens.word('a field'), body));
    }
    return { name, options, fields };
  }

  #extend(body: Body): ProtoExtend {
    const tokens = this.#tokens;
    const type = tokens.name('the message to extend');
    const fields: ProtoField[] = [];
    tokens.expect('{');
    while (!tokens.accept('}')) {
      if (tokens.accept(';')) continue;
      fields.push(this.#field(tokens.is('.') ? '' : tokens.word('a field'), body));
    }
    return { type, fields };
  }

  #reserved(body: Pick<Body, 'reserved' | 'reservedNames'>, max: number): void {
    const tokens = this.#tokens;
    do {
      if (tokens.isQuoted()) body.reservedNames.push(tokens.quoted('a name'));
      // Editions write them without quotes.
      else if (/^[A-Za-z_]/.test(tokens.text)) body.reservedNames.push(tokens.word('a name'));
      else body.reserved.push(this.#range(max));
    } while (tokens.accept(','));
    tokens.expect(';');
  }

  #range(max: number): ProtoRange {
    const from = this.#tokens.integer('a number');
    if (!this.#tokens.accept('to')) return { from, to: from };
    return { from, to: this.#tokens.accept('max') ? max : this.#tokens.integer('a number') };
  }

  #extensionRanges(body: Body): void {
    do body.extensionRanges.push(this.#range(MAX_FIELD_NUMBER));
    while (this.#tokens.accept(','));
    // Declarations of extensions are for whoever writes them.
    this.#bracketOptions();
    this.#tokens.expect(';');
  }

  #enum(): ProtoEnum {
    const tokens = this.#tokens;
    const name = tokens.word('the name of an enum');
    const body = emptyBody();
    const values: ProtoEnumValue[] = [];
    tokens.expect('{');
    while (!tokens.accept('}')) {
      if (tokens.accept(';')) continue;
      const word = tokens.word('a value');
      if (word === 'option' && !tokens.is('=')) body.options.push(this.#optionStatement());
      else if (word === 'reserved' && !tokens.is('=')) this.#reserved(body, MAX_ENUM_NUMBER);
      else {
        tokens.expect('=');
        values.push({ name: word, number: tokens.integer('a number'), options: this.#bracketOptions() });
        tokens.expect(';');
      }
    }
    const { options, reserved, reservedNames } = body;
    return { kind: 'enum', name, options, values, reserved, reservedNames };
  }

  #service(): ProtoService {
    const tokens = this.#tokens;
    const name = tokens.word('the name of a service');
    const options: ProtoOption[] = [];
    const methods: ProtoMethod[] = [];
    tokens.expect('{');
    while (!tokens.accept('}')) {
      if (tokens.accept(';')) continue;
      if (tokens.accept('option')) options.push(this.#optionStatement());
      else {
        tokens.expect('rpc');
        methods.push(this.#method());
      }
    }
    return { name, options, methods };
  }

  #method(): ProtoMethod {
    const tokens = this.#tokens;
    const name = tokens.word('the name of a method');
    const [input, clientStreams] = this.#methodType();
    tokens.expect('returns');
    const [output, serverStreams] = this.#methodType();
    const options: ProtoOption[] = [];
    if (tokens.accept('{')) {
      while (!tokens.accept('}')) {
        if (tokens.accept(';')) continue;
        tokens.expect('option');
        options.push(this.#optionStatement());
      }
    } else tokens.expect(';');
    return { name, input, output, clientStreams, serverStreams, options };
  }

  #methodType(): readonly [string, boolean] {
    const tokens = this.#tokens;
    tokens.expect('(');
    // A keyword here, so that `stream .a.B` streams and does not name a package.
    const streams = tokens.accept('stream');
    const type = tokens.name('a message');
    tokens.expect(')');
    return [type, streams];
  }

  #optionStatement(): ProtoOption {
    const option = this.#option();
    this.#tokens.expect(';');
    return option;
  }

  #option(): ProtoOption {
    const name = this.#optionName();
    this.#tokens.expect('=');
    return { name, value: this.#value() };
  }

  /** `a`, `(a.b)`, `(a.b).c.(d)` */
  #optionName(): string {
    const tokens = this.#tokens;
    let name = '';
    do {
      if (name !== '') name += '.';
      if (tokens.accept('(')) {
        name += `(${tokens.name('an option')})`;
        tokens.expect(')');
      } else name += tokens.word('an option');
    } while (tokens.accept('.'));
    return name;
  }

  #bracketOptions(): ProtoOption[] {
    const options: ProtoOption[] = [];
    if (!this.#tokens.accept('[')) return options;
    do options.push(this.#option());
    while (this.#tokens.accept(','));
    this.#tokens.expect(']');
    return options;
  }

  #value(): ProtoValue {
    const tokens = this.#tokens;
    if (tokens.is('{') || tokens.is('<')) return this.#messageValue();
    if (tokens.accept('[')) {
      const items: ProtoValue[] = [];
      while (!tokens.accept(']')) {
        items.push(this.#value());
        tokens.accept(',');
      }
      return { kind: 'list', items };
    }
    if (tokens.isQuoted()) return { kind: 'token', text: tokens.rawText('a text') };
    const sign = tokens.accept('-') ? '-' : tokens.accept('+') ? '' : '';
    return {
      kind: 'token',
      text: sign + (sign === '' && !/^[\d.]/.test(tokens.text) ? tokens.name('a value') : tokens.take()),
    };
  }

  /** The text format: `{ a: 1 b { c: "x" } [my.extension]: 2 }` */
  #messageValue(): ProtoValue {
    const tokens = this.#tokens;
    const close = tokens.take() === '{' ? '}' : '>';
    const fields: ProtoOption[] = [];
    while (!tokens.accept(close)) {
      if (tokens.accept(',') || tokens.accept(';')) continue;
      let name: string;
      if (tokens.accept('[')) {
        name = `[${tokens.name('an extension')}`;
        if (tokens.accept('/')) name += `/${tokens.name('a message')}`;
        name += ']';
        tokens.expect(']');
      } else name = tokens.word('a field');
      tokens.accept(':');
      fields.push({ name, value: this.#value() });
    }
    return { kind: 'message', fields };
  }
}
