import { setTimeout as pause } from 'node:timers/promises';
import { type Game, newGame, step, stepsPerSecond } from '../web/game/core/game.ts';
import { type Chance, nextChance } from '../web/game/core/seeded.ts';
import { EventQueue } from '../web/game/event-queue.ts';
import { statementsFor } from '../web/game/statements.ts';
import { KsqlClient } from '../web/shared/ksql-client.ts';
import { Pilot } from './pilot.ts';

const names = [
  'Ada',
  'Grace',
  'Edsger',
  'Barbara',
  'Dennis',
  'Radia',
  'Alan',
  'Frances',
  'Donald',
  'Margaret',
  'Ken',
  'Leslie',
  'Sophie',
  'Niklaus',
  'Hedy',
  'Jim',
];

/** How often a bot catches up with the wall clock. */
const tickMs = 100;
/** A bot further behind than this (a laptop that slept) skips the time instead of racing through it. */
const longestLagMs = 1_000;
/** Enough moves for a long outage; a bot then rests until the server takes them. */
const mostUnsent = 2_000;

export function botName(index: number): string {
  const round = Math.floor(index / names.length);
  return round === 0 ? names[index]! : `${names[index % names.length]} ${round + 1}`;
}

/**
 * `count` computer players that play real games, at a person's pace, through the same interface as the
 * page, until `signal` is aborted. A server that goes away only makes their moves wait.
 */
export async function startBots(httpUrl: string, count: number, signal: AbortSignal): Promise<void> {
  const client = new KsqlClient(httpUrl.replace(/\/$/, ''));
  const send = (statement: string): Promise<void> => client.execute(statement, signal);
  await Promise.all(Array.from({ length: count }, (_, index) => playOn(index, send, signal)));
}

async function playOn(
  index: number,
  send: (statement: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const name = botName(index);
  // A bot plays other games after every start, or its scores would only repeat.
  const chance: Chance = { state: (Date.now() + index * 7919) | 0 };
  const queue = new EventQueue(
    (statement) => (signal.aborted ? Promise.resolve() : send(statement)),
    (delayMs) => rest(delayMs, signal),
  );
  await rest(nextChance(chance) * 3_000, signal);
  while (!signal.aborted) {
    const pilot = new Pilot(
      { caution: 1 + Math.floor(nextChance(chance) * 2), slips: nextChance(chance) * 0.06 },
      chance,
    );
    await playGame(newGame(Math.floor(nextChance(chance) * 2 ** 31)), pilot, name, queue, signal);
    await rest(3_000 + nextChance(chance) * 6_000, signal);
  }
}

async function playGame(
  game: Game,
  pilot: Pilot,
  name: string,
  queue: EventQueue,
  signal: AbortSignal,
): Promise<void> {
  let playedMs = 0;
  let last = performance.now();
  while (!isOver(game) && !signal.aborted) {
    await rest(tickMs, signal);
    const now = performance.now();
    if (queue.unsent < mostUnsent) playedMs += Math.min(now - last, longestLagMs);
    last = now;
    while (game.clock < (playedMs * stepsPerSecond) / 1_000 && !isOver(game)) {
      for (const event of step(game, pilot.decide(game))) {
        for (const statement of statementsFor(name, event)) queue.push(statement);
      }
    }
  }
}

function isOver(game: Game): boolean {
  return game.phase === 'over';
}

async function rest(delayMs: number, signal: AbortSignal): Promise<void> {
  // An aborted pause is simply over; the loops look at the signal themselves.
  await pause(delayMs, undefined, { signal }).catch(() => {});
}
