// As test/system-crash.test.ts, at every call of a short life and not at a few.
import { it } from 'node:test';
import { MemoryFileSystem } from '../../src/base/memory-fs.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { checkAfter, live } from '../support/system-life.ts';

for (const keep of ['synced', 'random', 'all'] as const)
  it(`a power cut at any call loses nothing (left of what was not synced: ${keep})`, {
    timeout: 280_000,
  }, async () => {
    for (let call = 1, isOver = false; !isOver; call++) {
      const fs = new MemoryFileSystem();
      fs.crashAtCall(call);
      const promised = await live(fs);
      isOver = promised.ended;
      await checkAfter(fs.crash({ keep, random: new SeededRandom(call) }), promised).catch(
        (cause: unknown) => {
          throw new Error(`crash at call ${call}, during ${promised.asked}: ${cause}`, { cause });
        },
      );
    }
  });
