import { fieldsOf, isScalar, type ProtoEnum, type ProtoFile, type ProtoMessage } from './proto-model.ts';

export interface ProtoType {
  readonly fullName: string;
  /** Without the package of its file. */
  readonly name: string;
  readonly type: ProtoMessage | ProtoEnum;
  readonly file: ProtoFile;
}

/** Files that come with every Protobuf and with Confluent's registry; what they define is not looked into. */
const ELSEWHERE = /^(google\/(protobuf|type|api|rpc)|confluent)\//;
const ELSEWHERE_TYPES = /^\.?(google\.(protobuf|type|api|rpc)|confluent(\.type)?)\./;
const ELSEWHERE_ENUMS =
  /^google\.(protobuf\.(NullValue|Syntax|Field\.(Kind|Cardinality))|type\.(DayOfWeek|Month|CalendarPeriod)|rpc\.Code)$/;

/** The messages and enums of a file and of those it imports, by their full names. */
export class ProtoScope {
  readonly file: ProtoFile;
  readonly #types = new Map<string, ProtoType>();

  /** `others`: by their paths. Throws an Error when a file or a type is not there. */
  constructor(file: ProtoFile, others: ReadonlyMap<string, ProtoFile>) {
    this.file = file;
    for (const other of importedBy(file, others)) this.#collect(other);
    this.#collect(file);
    this.#check(file);
  }

  find(fullName: string): ProtoType | undefined {
    return this.#types.get(fullName);
  }

  /** The full name of what a name means inside a message: the innermost that fits. Undefined when there is none. */
  resolve(name: string, scope: string): string | undefined {
    if (name.startsWith('.')) {
      const fullName = name.slice(1);
      return this.#types.has(fullName) || ELSEWHERE_TYPES.test(name) ? fullName : undefined;
    }
    for (let outer = scope; ; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.')))) {
      const fullName = joined(outer, name);
      if (this.#types.has(fullName)) return fullName;
      if (outer === '') break;
    }
    return ELSEWHERE_TYPES.test(name) ? name : undefined;
  }

  isEnum(fullName: string): boolean {
    return this.#types.get(fullName)?.type.kind === 'enum' || ELSEWHERE_ENUMS.test(fullName);
  }

  #collect(file: ProtoFile): void {
    const visit = (types: readonly (ProtoMessage | ProtoEnum)[], outer: string): void => {
      for (const type of types) {
        const name = joined(outer, type.name);
        const fullName = joined(file.package, name);
        if (file === this.file && this.#types.get(fullName)?.file === file)
          throw new Error(`"${fullName}" is defined twice`);
        this.#types.set(fullName, { fullName, name, type, file });
        if (type.kind === 'message') visit(type.types, name);
      }
    };
    visit(file.types, '');
  }

  #check(file: ProtoFile): void {
    const visit = (types: readonly (ProtoMessage | ProtoEnum)[], scope: string): void => {
      for (const type of types) {
        const fullName = joined(scope, type.name);
        if (type.kind === 'enum') checkEnum(type, fullName, file.syntax);
        else {
          this.#checkMessage(type, fullName);
          visit(type.types, fullName);
        }
      }
    };
    visit(file.types, file.package);
  }

  #checkMessage(message: ProtoMessage, fullName: string): void {
    const numbers = new Map<number, string>();
    const names = new Set<string>();
    for (const field of fieldsOf(message)) {
      const { name, number, type } = field;
      const other = numbers.get(number);
      if (other !== undefined)
        throw new Error(`the fields ${other} and ${name} of ${fullName} have the same number ${number}`);
      if (names.has(name)) throw new Error(`${fullName} has the field ${name} twice`);
      if (message.reserved.some(({ from, to }) => from <= number && number <= to))
        throw new Error(`the number ${number} of the field ${name} of ${fullName} is reserved`);
      if (message.reservedNames.includes(name))
        throw new Error(`the name of the field ${name} of ${fullName} is reserved`);
      if (!isScalar(type) && this.resolve(type, fullName) === undefined)
        throw new Error(`the type ${type} of the field ${name} of ${fullName} is not defined`);
      numbers.set(number, name);
      names.add(name);
    }
  }
}

export function joined(outer: string, name: string): string {
  return outer === '' ? name : `${outer}.${name}`;
}

function checkEnum({ values, options }: ProtoEnum, fullName: string, syntax: string): void {
  if (values.length === 0) throw new Error(`the enum ${fullName} has no values`);
  if (syntax === 'proto3' && values[0]!.number !== 0)
    throw new Error(`the first value of the enum ${fullName} must be zero in proto3`);
  const mayAlias = options.some(
    ({ name, value }) => name === 'allow_alias' && value.kind === 'token' && value.text === 'true',
  );
  const seen = new Set<number>();
  for (const { name, number } of values) {
    if (seen.has(number) && !mayAlias)
      throw new Error(`the value ${name} of the enum ${fullName} has a number that another one has`);
    seen.add(number);
  }
}

/** Everything a file sees, and what its types are made of. */
function importedBy(file: ProtoFile, others: ReadonlyMap<string, ProtoFile>): ProtoFile[] {
  const found = new Set<ProtoFile>();
  const visit = ({ imports }: ProtoFile): void => {
    for (const { path, kind } of imports) {
      const other = others.get(path);
      if (other && !found.has(other)) {
        found.add(other);
        visit(other);
      } else if (!other && !ELSEWHERE.test(path) && kind !== 'weak')
        throw new Error(`the import "${path}" is none of the schema's references`);
    }
  };
  visit(file);
  return [...found];
}
