import { getHeapStatistics } from 'node:v8';

/** What V8 lets this thread's objects take before it ends the thread. */
export function heapLimitBytes(): number {
  return getHeapStatistics().heap_size_limit;
}
