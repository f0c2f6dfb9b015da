import { Deferred } from '../../base/async.ts';
import type { Clock } from '../../base/clock.ts';
import type { Isolation } from '../../log/log-types.ts';
import type { TopicRegistry } from '../topic-registry.ts';
import { availableBytes, divergence, type FetchTarget, locate } from './fetch-target.ts';

export interface FetchWait {
  readonly minBytes: number;
  readonly maxWaitMs: number;
  readonly isolation: Isolation;
  readonly clock: Clock;
  readonly topics: TopicRegistry;
  readonly ended: AbortSignal;
}

/** Nothing is gained by waiting: the answer is an error the client must act on. */
const AT_ONCE = Number.POSITIVE_INFINITY;

/**
 * Parks a fetch until its partitions have `minBytes` together, one of them has an error or was deleted, time is
 * up or the client is gone. Watermarks wake it, not appends: a record counts when it is durable, and for a
 * read_committed reader when its transaction has ended.
 */
export async function waitForBytes(targets: readonly FetchTarget[], wait: FetchWait): Promise<void> {
  const measure = (target: FetchTarget): number => {
    const found = locate(wait.topics, target);
    // An unknown topic does not keep the client from waiting for its other partitions.
    if ('error' in found) return found.log === undefined ? 0 : AT_ONCE;
    return divergence(found.log, target) === null
      ? availableBytes(found.log, target, wait.isolation)
      : AT_ONCE;
  };
  const available = targets.map(measure);
  let totalBytes = available.reduce((sum, bytes) => sum + bytes, 0);
  if (totalBytes >= wait.minBytes || wait.maxWaitMs <= 0 || wait.ended.aborted) return;

  const done = new Deferred();
  const stops: (() => void)[] = [];
  targets.forEach((target, index) => {
    const found = locate(wait.topics, target);
    if (found.log === undefined) return;
    const stop = found.log.onAdvance(() => {
      const bytes = locate(wait.topics, target).log === found.log ? measure(target) : AT_ONCE;
      totalBytes += bytes - (available[index] as number);
      available[index] = bytes;
      if (totalBytes >= wait.minBytes) done.resolve();
    });
    stops.push(stop);
  });
  // None of the partitions exists, which the client had better know now.
  if (stops.length === 0) return;
  const timer = wait.clock.after(wait.maxWaitMs, done.resolve);
  const giveUp = () => done.resolve();
  wait.ended.addEventListener('abort', giveUp);
  await done.promise;
  wait.ended.removeEventListener('abort', giveUp);
  timer.cancel();
  for (const stop of stops) stop();
}
