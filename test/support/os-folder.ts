import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { osFileSystem } from '../../src/base/os-fs.ts';

/** A temporary folder of the operating system, and what goes with it. */
export async function osFolder() {
  const dataDir = await mkdtemp(join(tmpdir(), 'millrace-test-'));
  return {
    dataDir,
    fs: osFileSystem,
    clock: systemClock,
    remove: () => rm(dataDir, { recursive: true, force: true, maxRetries: 3 }),
  };
}
