import { describeFunction, describeFunctions } from '../../sql/functions/describe.ts';
import type { FunctionDescription, FunctionNames } from './entities.ts';

type Help = Omit<FunctionDescription, '@type' | 'statementText' | 'warnings'>;

/** SHOW FUNCTIONS. */
export function functionNames(): FunctionNames['functions'] {
  return describeFunctions().map(({ name, type, category }) => ({ name, type, category }));
}

/** DESCRIBE FUNCTION; undefined when there is none of that name. */
export function functionHelp(name: string): Help | undefined {
  const found = describeFunction(name);
  if (!found) return undefined;
  const { description, type, variants } = found;
  const functions = variants.map((variant) => ({
    arguments: variant.arguments.map((argument) => ({ ...argument, description: '' })),
    returnType: variant.returnType,
    description,
  }));
  return {
    name: found.name,
    description,
    author: found.author === '' ? 'Millrace' : found.author,
    version: found.version,
    path: 'internal',
    functions,
    type,
  };
}
