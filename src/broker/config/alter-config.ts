import type { ErrorName } from '../../protocol/errors.ts';
import type { ConfigChange } from '../metadata/metadata-calls.ts';
import { type ConfigTable, listItems } from './config-table.ts';
import type { ConfigMap } from './settings.ts';

export interface Refusal {
  readonly error: ErrorName;
  readonly message: string;
}

export type Altered = { readonly config: Record<string, string> } | Refusal;

/** What the configuration of one kind of thing may hold. */
export interface ConfigRules {
  readonly table: ConfigTable;
  /** The first thing wrong with a whole configuration; `name` is that of the thing it belongs to. */
  problem(config: ConfigMap, name: string): Refusal | undefined;
}

/** The explicit configuration after some changes, or the first thing wrong with it. */
export function alterConfig(
  { table, problem }: ConfigRules,
  name: string,
  before: ConfigMap,
  changes: readonly ConfigChange[],
): Altered {
  const config = { ...before };
  for (const change of changes) {
    const next = changed(table, config[change.name], change);
    if (next === null) delete config[change.name];
    else if (typeof next === 'string') config[change.name] = next;
    else return next;
  }
  return problem(config, name) ?? { config };
}

/** Null removes the value. A list that was never set is changed as its default is. */
function changed(
  table: ConfigTable,
  before: string | undefined,
  { name, operation, value }: ConfigChange,
): string | null | Refusal {
  if (operation === 'delete') return null;
  if (value === null) return { error: 'INVALID_REQUEST', message: `Null value not supported for : ${name}` };
  if (operation === 'set') return value;
  const definition = table.get(name);
  if (definition?.type !== 'list') {
    const verb = operation.toUpperCase();
    const message = `Can't ${verb} to key ${name} because its type is not LIST.`;
    return { error: 'INVALID_CONFIG', message };
  }
  const items = new Set(listItems(before ?? definition.default ?? ''));
  for (const item of listItems(value)) {
    if (operation === 'append') items.add(item);
    else items.delete(item);
  }
  return [...items].join(',');
}
