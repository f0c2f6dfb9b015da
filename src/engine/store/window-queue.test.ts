import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { WindowQueue } from './window-queue.ts';

const time = fc.nat(40);
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), time }) },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('remove' as const), time: fc.nat(1_000) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('between' as const), time, to: time }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('takeBefore' as const), time: fc.nat(8) }) },
);

it('gives windows out by time, as a sorted list would', () => {
  fc.assert(
    fc.property(
      fc.array(operation, { maxLength: 400 }),
      fc.nat(20),
      fc.constantFrom(41, 2),
      (operations, step, spread) => {
        const queue = new WindowQueue<number>();
        let model: { time: number; item: number }[] = [];
        let past = 0;
        const sorted = (some: typeof model) => some.toSorted((a, b) => a.time - b.time || a.item - b.item);
        for (const [item, next] of operations.entries()) {
          switch (next.kind) {
            case 'add':
              queue.add(past + (next.time % spread), item);
              model.push({ time: past + (next.time % spread), item });
              break;
            case 'remove': {
              const gone = model[next.time % (model.length + 1)];
              if (gone) queue.remove(gone.time, gone.item);
              model = model.filter((each) => each !== gone);
              break;
            }
            case 'between': {
              const inside = model.filter(
                (each) => each.time > past + next.time && each.time <= past + next.to,
              );
              const got: number[] = [];
              queue.visitBetween(past + next.time, past + next.to, (one) => got.push(one));
              assert.deepEqual(got.length, inside.length);
              assert.deepEqual(new Set(got), new Set(inside.map((each) => each.item)));
              const times = got.map((one) => inside.find((each) => each.item === one)?.time as number);
              assert.deepEqual(
                times,
                times.toSorted((a, b) => a - b),
              );
              break;
            }
            default:
              past += next.time * step;
              assert.deepEqual(
                queue.takeBefore(past).toSorted((a, b) => a - b),
                sorted(model.filter((each) => each.time < past))
                  .map((each) => each.item)
                  .toSorted((a, b) => a - b),
              );
              model = model.filter((each) => each.time >= past);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
