import { readFile, stat } from 'node:fs/promises';
import { hasCode } from './fs-error.ts';

export interface ReadFile {
  readonly bytes: Buffer;
  readonly modifiedMs: number;
}

/** A file that belongs to the program or its user, not to the log: read whole, undefined when it is not there. */
export async function readWholeFile(path: string): Promise<ReadFile | undefined> {
  try {
    const { mtimeMs } = await stat(path);
    return { bytes: await readFile(path), modifiedMs: mtimeMs };
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'EISDIR') || hasCode(error, 'ENOTDIR')) return undefined;
    throw error;
  }
}
