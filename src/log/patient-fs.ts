import { type Clock, sleep } from '../base/clock.ts';
import type { FileSystem } from '../base/fs.ts';
import { hasCode } from '../base/fs-error.ts';

const PAUSE_MS = 50;
/** A client waits for about as long. */
const PATIENCE_MS = 30_000;

/**
 * A file system that waits for a descriptor where none is free. A flood of connections takes all there are for a while:
 * an append that waits is late, one that fails closes its partition for writing until the next start. `onShortage` lets
 * go of what can be spared.
 */
export function patientFileSystem(fs: FileSystem, clock: Clock, onShortage: () => Promise<void>): FileSystem {
  const patiently = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    const untilMs = clock.monotonicMs() + PATIENCE_MS;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const isShort = hasCode(error, 'EMFILE') || hasCode(error, 'ENFILE');
        if (!isShort || clock.monotonicMs() >= untilMs) throw error;
      }
      await onShortage();
      await sleep(clock, PAUSE_MS);
    }
  };
  return {
    open: (path, options) => patiently(() => fs.open(path, options)),
    list: (path) => patiently(() => fs.list(path)),
    syncDirectory: (path) => patiently(() => fs.syncDirectory(path)),
    makeDirectory: (path) => fs.makeDirectory(path),
    rename: (from, to) => fs.rename(from, to),
    remove: (path) => fs.remove(path),
    space: (path) => fs.space(path),
  };
}
