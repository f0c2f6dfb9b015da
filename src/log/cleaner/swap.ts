import { batchLastOffset } from '../../record/batch.ts';
import { CLEANED_SUFFIX, INDEX_KINDS, offsetInName, SWAP_SUFFIX, segmentFileName } from '../file-names.ts';
import { LogError } from '../log-error.ts';
import type { OpenFiles } from '../open-files.ts';
import { scanBatches } from '../scan.ts';

/*
 * How a compacted segment takes the place of those it was made from. Each line is durable before the next begins,
 * and the `.log.swap` file decides: before it the old segments count, from it on the new one.
 *
 *   <base>.*.cleaned                 written, synced
 *   <base>.*index.swap               renamed
 *   <base>.log.swap                  renamed         after a crash from here on: carried on
 *   old segments but the first gone, <base>.*index  renamed over the first's
 *   <base>.log                       renamed over the first's
 *
 * The last batch of a compacted segment ends where the last old one did, so the file itself tells what it replaces.
 * An index of aborted transactions must never stand beside a log it was not made for: its entry without the marker
 * would hide a producer's later records. Hence the index files go first, and all three are always there.
 */

/** Should this fail, nothing has happened. */
export async function offerIndexes(files: OpenFiles, folder: string, base: number): Promise<void> {
  for (const kind of INDEX_KINDS) await offer(files, folder, segmentFileName(base, kind));
  await files.fs.syncDirectory(folder);
}

/** From here on the compacted segment counts; should this fail, nobody knows whether it does. */
export async function offerLog(files: OpenFiles, folder: string, base: number): Promise<void> {
  await offer(files, folder, segmentFileName(base, 'log'));
  await files.fs.syncDirectory(folder);
}

async function offer(files: OpenFiles, folder: string, name: string): Promise<void> {
  await files.fs.rename(`${folder}/${name}${CLEANED_SUFFIX}`, `${folder}/${name}${SWAP_SUFFIX}`);
}

/** Puts the files in their places. `replaced` are the base offsets of the old segments; no file may be in use. */
export async function completeSwap(
  files: OpenFiles,
  folder: string,
  base: number,
  replaced: readonly number[],
): Promise<void> {
  const { fs } = files;
  for (const old of replaced.filter((offset) => offset !== base)) {
    for (const kind of ['log', ...INDEX_KINDS] as const)
      await fs.remove(`${folder}/${segmentFileName(old, kind)}`);
  }
  const names = new Set(await fs.list(folder));
  for (const kind of INDEX_KINDS) {
    const name = segmentFileName(base, kind);
    if (names.has(`${name}${SWAP_SUFFIX}`)) {
      await fs.rename(`${folder}/${name}${SWAP_SUFFIX}`, `${folder}/${name}`);
    }
  }
  await fs.syncDirectory(folder);
  const log = `${folder}/${segmentFileName(base, 'log')}`;
  await fs.rename(`${log}${SWAP_SUFFIX}`, log);
  await fs.syncDirectory(folder);
}

/** What a crash left of a compaction is carried on or swept away; before anything else of the folder is opened. */
export async function recoverSwaps(files: OpenFiles, folder: string): Promise<void> {
  const { fs } = files;
  const names = await fs.list(folder);
  const bases = names.flatMap((name) => offsetInName(name, 'log') ?? []);
  for (const name of names) {
    const base = name.endsWith(SWAP_SUFFIX)
      ? offsetInName(name.slice(0, -SWAP_SUFFIX.length), 'log')
      : undefined;
    if (base === undefined) continue;
    const endOffset = await endOf(files, `${folder}/${name}`);
    const replaced = bases.filter((offset) => offset >= base && offset < endOffset);
    await completeSwap(files, folder, base, replaced);
  }
  await removeLeftovers(files, folder);
}

/** Files of a compaction that was not offered. */
export async function removeLeftovers(files: OpenFiles, folder: string): Promise<void> {
  for (const name of await files.fs.list(folder)) {
    if (name.endsWith(CLEANED_SUFFIX) || name.endsWith(SWAP_SUFFIX))
      await files.fs.remove(`${folder}/${name}`);
  }
}

async function endOf(files: OpenFiles, path: string): Promise<number> {
  let endOffset = 0;
  await files.use(path, async (handle) => {
    const range = { from: 0, to: await handle.size(), checkCrc: false };
    const end = await scanBatches(handle, range, (buffer, at) => {
      endOffset = batchLastOffset(buffer, at) + 1;
      return undefined;
    });
    if (end.fault === undefined) return;
    throw new LogError(
      'KAFKA_STORAGE_ERROR',
      `${path} is damaged at position ${end.position} (${end.fault})`,
    );
  });
  await files.forget(path);
  return endOffset;
}
