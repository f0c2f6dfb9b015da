import { quote } from '../shared/ksql-client.ts';
import type { GameEvent, GameEventKind } from './core/game.ts';

/** The events that are news to the scoreboard: each change of score or lives, and the start at 0. */
const posted: Readonly<Record<GameEventKind, boolean>> = {
  started: true,
  grain: true,
  flood: true,
  ghost: true,
  bonus: true,
  extraLife: true,
  caught: true,
  cleared: false,
  level: true,
  over: false,
};

/** What to tell the server about an event, in order. */
export function statementsFor(player: string, event: GameEvent): string[] {
  const { score, lives, level } = event;
  if (event.kind === 'over') return [`INSERT INTO USER_LOSSES (USER) VALUES (${quote(player)});`];
  if (!posted[event.kind]) return [];
  const standing = `STRUCT(SCORE:=${score},LIVES:=${lives},LEVEL:=${level})`;
  return [`INSERT INTO USER_GAME (USER, GAME) VALUES (${quote(player)}, ${standing});`];
}

export function highestScoreOf(player: string): string {
  return `SELECT HIGHEST_SCORE FROM STATS_PER_USER WHERE USER = ${quote(player)};`;
}
