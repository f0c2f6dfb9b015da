// The whole server, its power cut in the middle of a file-system call: what was answered is there afterwards.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryFileSystem } from '../src/base/memory-fs.ts';
import { SeededRandom } from '../src/base/seeded-random.ts';
import { checkAfter, live } from './support/system-life.ts';

const SAMPLES = 12;

async function callsOfALife(): Promise<number> {
  const fs = new MemoryFileSystem();
  const { ended } = await live(fs);
  assert.ok(ended);
  return fs.callCount;
}

describe('a server whose power is cut', () => {
  const seed = 1;
  for (const keep of ['synced', 'random', 'all'] as const)
    it(`keeps what it has promised and goes on (of what was not synced there is left: ${keep})`, async () => {
      const calls = await callsOfALife();
      const random = new SeededRandom(seed);
      const stride = Math.floor(calls / SAMPLES);
      for (let n = 0; n < SAMPLES; n++) {
        const call = 1 + n * stride + Math.floor(random.next() * stride);
        const fs = new MemoryFileSystem();
        fs.crashAtCall(call);
        const promised = await live(fs);
        await checkAfter(fs.crash({ keep, random: new SeededRandom(call) }), promised).catch(
          (cause: unknown) => {
            throw new Error(`crash at call ${call} of ${calls}, during ${promised.asked}: ${cause}`, {
              cause,
            });
          },
        );
      }
    });
});
