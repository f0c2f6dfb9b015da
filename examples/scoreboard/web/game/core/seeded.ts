/** A seeded source of chance (mulberry32); the state is one number, so a game can be replayed from its seed. */
export interface Chance {
  state: number;
}

/** Uniform in [0, 1). */
export function nextChance(chance: Chance): number {
  chance.state = (chance.state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(chance.state ^ (chance.state >>> 15), 1 | chance.state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
}

export function pick<T>(chance: Chance, choices: readonly T[]): T | undefined {
  return choices[Math.floor(nextChance(chance) * choices.length)];
}
