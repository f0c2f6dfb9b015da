import type { Broker } from './brokers.ts';
import { runJava } from './java.ts';

/** Timestamps rise over this much, so that windows of a minute come and go. */
const SPAN_MS = 30 * 60_000;
/** How near in time rows of two streams have to be. */
export const WITHIN_SECONDS = 30;

/** What bench/java/Load.java makes of the events. */
export type EventKind = 'games' | 'losses' | 'plays' | 'rewards';

/** What bench/java/Events.java makes its events from. */
export interface EventSet {
  readonly events: number;
  readonly keys: number;
  readonly partitions: number;
  /** A whole minute in the past, recent enough that no broker's retention takes the events. */
  readonly baseMs: number;
}

export function eventSet(size: { events: number; keys: number; partitions: number }): EventSet {
  const { events, keys, partitions } = size;
  return { events, keys, partitions, baseMs: Math.floor((Date.now() - 2 * SPAN_MS) / 60_000) * 60_000 };
}

/** The arguments that every Java program takes an event set by. */
export function eventArguments({ events, keys, baseMs }: EventSet): Record<string, number> {
  return { events, keys, baseMs, spanMs: SPAN_MS, withinSeconds: WITHIN_SECONDS };
}

/** Writes the events of a kind (all, or those of a range) to a topic, which is created if need be. */
export async function load(
  broker: Broker,
  set: EventSet,
  what: {
    readonly topic: string;
    readonly kind: EventKind;
    readonly from?: number;
    readonly to?: number;
  },
): Promise<void> {
  const { partitions } = set;
  await runJava(
    'Load',
    { ...eventArguments(set), bootstrap: broker.bootstrap, partitions, ...what },
    { timeoutMs: 600_000 },
  );
}
