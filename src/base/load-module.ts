import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a module of the user's exports; a path is taken from the working folder. Rejects with the reason, path included. */
export async function loadModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await import(path.startsWith('file:') ? path : pathToFileURL(resolve(path)).href)) as Readonly<
      Record<string, unknown>
    >;
  } catch (error) {
    throw new Error(`module ${path} cannot be loaded: ${(error as Error).message}`, { cause: error });
  }
}
