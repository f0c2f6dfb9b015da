import type { At } from '../ast.ts';
import type { Catalog, Source } from '../catalog.ts';
import type { PlanOptions } from '../planned.ts';
import { SqlError } from '../sql-error.ts';
import { nearestOf } from '../suggest.ts';
import type { FormatDefaults } from './formats.ts';

/** What planning a statement looks at besides the statement. */
export interface PlanContext {
  readonly catalog: Catalog;
  readonly options: PlanOptions;
  /** `options.properties` without the prefix `ksql.streams.`. */
  readonly properties: Readonly<Record<string, string>>;
}

export function planContext(catalog: Catalog, options: PlanOptions): PlanContext {
  const properties: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.properties)) {
    properties[name.replace(/^ksql\.streams\./, '')] = value;
  }
  return { catalog, options, properties };
}

const OF_EXPRESSIONS = /^ksql\.(functions\.|nested\.error|cast\.)/;

/** Whether what expressions compute depends on the property. */
export function isOfExpressions(name: string): boolean {
  return OF_EXPRESSIONS.test(name);
}

/** The registered source of a name; else an error that suggests one. */
export function requireSource({ catalog }: PlanContext, name: string, at: At): Source {
  const found = catalog.source(name);
  if (found !== undefined) return found;
  const near = nearestOf(
    name,
    Array.from(catalog.sources(), (source) => source.name),
  );
  const hint =
    near === undefined ? 'LIST STREAMS; and LIST TABLES; show what there is.' : `Did you mean '${near}'?`;
  throw new SqlError(`${name} does not exist. ${hint}`, at.line, at.column);
}

export function defaultFormats({ properties }: PlanContext): FormatDefaults {
  const key = properties['ksql.persistence.default.format.key'];
  const value = properties['ksql.persistence.default.format.value'];
  return {
    key: key === undefined ? undefined : { name: key.toUpperCase() },
    value: value === undefined ? undefined : { name: value.toUpperCase() },
    wrapSingle: defaultWrap(properties),
  };
}

export function defaultWrap(properties: Readonly<Record<string, string>>): boolean | undefined {
  const wrap = properties['ksql.persistence.wrap.single.values'];
  return wrap === undefined ? undefined : wrap.toLowerCase() !== 'false';
}
