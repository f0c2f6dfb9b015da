import { scalarFunctions } from '../../sql/functions/registry.ts';
import type { FunctionDescription, FunctionNames } from './entities.ts';

type Help = Omit<FunctionDescription, '@type' | 'statementText' | 'warnings'>;

/** SHOW FUNCTIONS. */
export function functionNames(): FunctionNames['functions'] {
  return [...scalarFunctions()]
    .map(({ name, category }) => ({ name, type: 'SCALAR', category }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** DESCRIBE FUNCTION; undefined when there is none of that name. */
export function describeFunction(name: string): Help | undefined {
  const found = [...scalarFunctions()].find((candidate) => candidate.name === name.toUpperCase());
  if (!found) return undefined;
  return {
    name: found.name,
    description: found.description,
    author: 'Millrace',
    version: '',
    path: 'internal',
    functions: found.variants.map(({ signature }) => describeVariant(signature.text, found.description)),
    type: 'SCALAR',
  };
}

/** `ARRAY<T>, T... -> BOOLEAN` */
function describeVariant(signature: string, description: string): Help['functions'][number] {
  const [parameters = '', returnType = ''] = signature.split('->').map((part) => part.trim());
  const types = parameters === '' ? [] : parameters.split(/,(?![^<]*>)/).map((type) => type.trim());
  return {
    arguments: types.map((type) => ({
      name: '',
      type: type.replace('...', ''),
      description: '',
      isVariadic: type.endsWith('...'),
    })),
    returnType,
    description,
  };
}
