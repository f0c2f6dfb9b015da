import type { Row } from './ksql-client.ts';

/** What the table SCOREBOARD knows of one player. */
export interface Standing {
  readonly player: string;
  readonly bestScore: number;
  readonly bestLevel: number;
  readonly losses: number;
  readonly latestScore: number;
  readonly latestLives: number;
  readonly lastEventMs: number;
  readonly lastOverMs: number;
}

export const standingsQuery =
  'SELECT PLAYER, BEST_SCORE, BEST_LEVEL, LOSSES, LATEST_SCORE, LATEST_LIVES, LAST_EVENT_MS, LAST_OVER_MS FROM SCOREBOARD';

/** A player who has made no move for this long has left the game or paused it. */
export const awayAfterMs = 15_000;

export function standingOf(row: Row): Standing {
  const count = (index: number): number => Number(row[index] ?? 0);
  return {
    player: String(row[0]),
    bestScore: count(1),
    bestLevel: count(2),
    losses: count(3),
    latestScore: count(4),
    latestLives: count(5),
    lastEventMs: count(6),
    lastOverMs: count(7),
  };
}

export function isPlaying(standing: Standing, nowMs: number): boolean {
  return standing.lastEventMs > standing.lastOverMs && nowMs - standing.lastEventMs < awayAfterMs;
}

/** Best first: by score, then level, then fewer losses; names settle the rest so that rows do not jump. */
export function compareStandings(a: Standing, b: Standing): number {
  return (
    b.bestScore - a.bestScore ||
    b.bestLevel - a.bestLevel ||
    a.losses - b.losses ||
    (a.player < b.player ? -1 : a.player > b.player ? 1 : 0)
  );
}

export interface Ranked extends Standing {
  /** Players with the same score share a rank: 1, 2, 2, 4. */
  readonly rank: number;
}

export function ranking(standings: Iterable<Standing>): Ranked[] {
  const sorted = [...standings].sort(compareStandings);
  const rankOfScore = new Map<number, number>();
  return sorted.map((standing, index) => {
    const rank = rankOfScore.get(standing.bestScore) ?? index + 1;
    rankOfScore.set(standing.bestScore, rank);
    return { ...standing, rank };
  });
}
