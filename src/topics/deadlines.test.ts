import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Deadlines } from './deadlines.ts';

type Step = { readonly key: string; readonly atMs: number | null } | { readonly nowMs: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), atMs: fc.option(fc.integer({ min: 0, max: 50 })) }),
  fc.record({ nowMs: fc.integer({ min: 0, max: 50 }) }),
);

describe('Deadlines', () => {
  it('behaves like a map that is searched for its smallest value', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const deadlines = new Deadlines();
        const model = new Map<string, number>();
        for (const next of steps) {
          if ('nowMs' in next) {
            for (
              let key = deadlines.takeDue(next.nowMs);
              key !== undefined;
              key = deadlines.takeDue(next.nowMs)
            ) {
              assert.equal(model.get(key), Math.min(...model.values()));
              model.delete(key);
            }
            assert.ok([...model.values()].every((atMs) => atMs > next.nowMs));
          } else if (next.atMs === null) {
            deadlines.delete(next.key);
            model.delete(next.key);
          } else {
            deadlines.set(next.key, next.atMs);
            model.set(next.key, next.atMs);
          }
          assert.equal(deadlines.earliest(), model.size === 0 ? undefined : Math.min(...model.values()));
        }
      }),
    );
  });
});
