import { Buffer } from 'node:buffer';
import type { FileSystem } from '../base/fs.ts';
import { hasCode } from '../base/fs-error.ts';

/** The bytes of a small file, or undefined when there is none. */
export async function readWholeFile(fs: FileSystem, path: string): Promise<Buffer | undefined> {
  let handle: Awaited<ReturnType<FileSystem['open']>>;
  try {
    handle = await fs.open(path, { create: false });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.allocUnsafe(await handle.size());
    const length = await handle.read(bytes, 0);
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

/**
 * Replaces a small file in one step, so that a crash leaves the old or the new content. `sync` makes the content
 * durable; the rename itself becomes durable with the next sync of the folder.
 */
export async function replaceWholeFile(
  fs: FileSystem,
  path: string,
  content: Uint8Array,
  options: { readonly sync: boolean },
): Promise<void> {
  const temporary = `${path}.tmp`;
  const handle = await fs.open(temporary, { create: true });
  try {
    await handle.truncate(0);
    await handle.write([content], 0);
    if (options.sync) await handle.sync();
  } finally {
    await handle.close();
  }
  await fs.rename(temporary, path);
}
