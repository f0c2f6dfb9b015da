import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { Position } from '../../topics/topics.ts';
import type { ServerLife } from './server-life.ts';

/** Turns of the event loop without an answer after which something must be waiting for time to pass. */
const PATIENCE_TURNS = 50;
const LONGEST_STEP_MS = 1_000;
const LONGEST_WAIT_MS = 10 * 60_000;
const NEVER_MS = 1e12;

/** The power went off in the middle of what was asked for, or before it; `restart` shows what is left. */
export class PowerCut extends Error {
  constructor(message = 'The power is off: call restart().') {
    super(message);
    this.name = 'PowerCut';
  }
}

/**
 * Drives a server whose clock is virtual and whose disk is memory. Nothing in it waits for the outside, so a turn of the
 * event loop in which nothing can go on means that it waits for time: then, and only then, the clock is moved.
 *
 *   work asked for --> turn, turn, turn ... --> answered
 *                        |  (50 without an answer)
 *                        +--> clock moves: pauses after failures, time-outs
 */
export class Pump {
  readonly #clock: VirtualClock;
  readonly #fs: { readonly crashed: boolean };

  /** `fs`: whose power may be cut. */
  constructor(clock: VirtualClock, fs: { readonly crashed: boolean } = { crashed: false }) {
    this.#clock = clock;
    this.#fs = fs;
  }

  /** Rejects with a {@link PowerCut} when the power goes off first. */
  async run<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (this.#fs.crashed) throw new PowerCut();
    let isDone = false;
    const answer = work().finally(() => {
      isDone = true;
    });
    // What a power cut leaves without an answer must not count as an error that nobody handled.
    answer.catch(() => {});
    let stepMs = 1;
    const startMs = this.#clock.monotonicMs();
    for (let turn = 0; !isDone && !this.#fs.crashed; turn++) {
      if (turn < PATIENCE_TURNS) {
        await this.#clock.advance(0);
        continue;
      }
      if (this.#clock.monotonicMs() - startMs > LONGEST_WAIT_MS)
        throw new Error(`no answer within ${LONGEST_WAIT_MS / 60_000} minutes of virtual time: ${what}`);
      await this.#clock.advance(stepMs);
      stepMs = Math.min(stepMs * 2, LONGEST_STEP_MS);
    }
    if (this.#fs.crashed) throw new PowerCut(`The power went off during: ${what}`);
    return answer;
  }

  /** Until every query has read all there is, what other queries have just written included. */
  async settle(life: ServerLife): Promise<void> {
    await this.run('waiting for the queries', async () => {
      for (let before = ''; ; ) {
        await this.#queriesAt(await endsOf(life), life);
        await life.engine.reported();
        const now = JSON.stringify(await endsOf(life));
        if (now === before) return;
        before = now;
      }
    });
  }

  async #queriesAt(ends: readonly Position[], { sql }: ServerLife): Promise<void> {
    const persistent = [...sql.persistentQueries()].flatMap(({ running }) => running ?? []);
    const pushes = [...sql.pushQueries()].map(({ running }) => running());
    for (const query of [...persistent, ...pushes]) {
      const own = new Set(query.positions().map(({ topic }) => topic));
      const positions = ends.filter(({ topic }) => own.has(topic));
      // A query that has stopped goes nowhere; why is what `queries` tells.
      await query.reached(positions, NEVER_MS).catch(() => {});
    }
  }
}

async function endsOf({ topics }: ServerLife): Promise<Position[]> {
  const ends: Position[] = [];
  for (const { name, partitionCount, internal } of await topics.describe()) {
    if (internal) continue;
    for (let partition = 0; partition < partitionCount; partition++) {
      const { lastStableOffset } = await topics.offsets({ topic: name, partition });
      ends.push({ topic: name, partition, offset: lastStableOffset });
    }
  }
  return ends;
}
