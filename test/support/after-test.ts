import type { TestContext } from 'node:test';

type Cleanup = () => unknown;

const stacks = new WeakMap<TestContext, Cleanup[]>();

/**
 * Runs when the test ends, the last registered first: what was built on something goes before it. `t.after` runs the
 * first registered first, so a client would be told to leave a server that is gone. Every step is tried; the first
 * error counts.
 */
export function afterTest(t: TestContext, cleanup: Cleanup): void {
  const known = stacks.get(t);
  if (known) {
    known.push(cleanup);
    return;
  }
  const stack = [cleanup];
  stacks.set(t, stack);
  t.after(async () => {
    const errors: unknown[] = [];
    for (let step = stack.pop(); step; step = stack.pop()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  });
}
