import { loadModule } from '../base/load-module.ts';
import { registerFunctions } from '../sql/functions/registry.ts';
import { functionsOf } from '../sql/functions/user-functions.ts';

/** Loads modules with functions of the user's own; each thread that plans or runs queries does so before it begins. */
export async function loadFunctions(modules: readonly string[]): Promise<void> {
  for (const path of modules) {
    const found = functionsOf(await loadModule(path));
    if (found.length === 0)
      throw new Error(`module ${path} exports no function: see defineFunction in the documentation`);
    try {
      registerFunctions(found);
    } catch (error) {
      throw new Error(`module ${path}: ${(error as Error).message}`, { cause: error });
    }
  }
}
