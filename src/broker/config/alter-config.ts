import type { ErrorName } from '../../protocol/errors.ts';
import type { ConfigChange } from '../metadata/metadata-calls.ts';
import { type ConfigTable, configProblem, listItems } from './config-table.ts';

export type Altered =
  | { readonly config: Record<string, string> }
  | { readonly error: ErrorName; readonly message: string };

/** The explicit configuration after some changes, or the first thing wrong with them. */
export function alterConfig(
  table: ConfigTable,
  kind: 'topic' | 'broker',
  before: Readonly<Record<string, string>>,
  changes: readonly ConfigChange[],
): Altered {
  const config = { ...before };
  for (const { name, operation, value } of changes) {
    const definition = table.get(name);
    if (definition === undefined)
      return { error: 'INVALID_CONFIG', message: `Unknown ${kind} config name: ${name}` };
    if (definition.readOnly === true)
      return { error: 'INVALID_REQUEST', message: `Cannot update these configs dynamically: ${name}` };
    if (operation === 'delete') {
      delete config[name];
      continue;
    }
    if (value === null) return { error: 'INVALID_CONFIG', message: `Null value not supported for : ${name}` };
    let next = value;
    if (operation !== 'set') {
      if (definition.type !== 'list') {
        const verb = operation.toUpperCase();
        return {
          error: 'INVALID_CONFIG',
          message: `Can't ${verb} to key ${name} because its type is not LIST.`,
        };
      }
      const items = new Set(listItems(config[name] ?? definition.default ?? ''));
      for (const item of listItems(value)) {
        if (operation === 'append') items.add(item);
        else items.delete(item);
      }
      next = [...items].join(',');
    }
    const problem = configProblem(definition, next);
    if (problem !== undefined) return { error: 'INVALID_CONFIG', message: problem };
    config[name] = next;
  }
  return { config };
}
