import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { patientFileSystem } from './patient-fs.ts';

describe('a file system that waits for descriptors', () => {
  const cases: [code: string, times: number, result: string, askedForSome: boolean][] = [
    ['EMFILE', 1, 'open', true],
    ['ENFILE', 20, 'open', true],
    ['EMFILE', 1_000, 'EMFILE', true],
    ['EIO', 1, 'EIO', false],
  ];
  for (const [code, times, result, askedForSome] of cases)
    it(`gives ${result} after ${times} times ${code}`, async () => {
      const memory = new MemoryFileSystem();
      const clock = new VirtualClock();
      let shortages = 0;
      const fs = patientFileSystem(memory, clock, async () => void shortages++);
      memory.failNext('open', code, { times });
      const opening = fs.open('/f', { create: true }).then(
        () => 'open',
        (error: NodeJS.ErrnoException) => error.code,
      );
      await clock.advance(60_000);
      assert.equal(await opening, result);
      assert.equal(shortages > 0, askedForSome);
    });
});
