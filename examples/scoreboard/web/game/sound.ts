import type { GameEventKind } from './core/game.ts';

/** A note: Hz at the start and end, when it begins, how long it is, how loud. */
interface Tone {
  readonly from: number;
  readonly to?: number;
  readonly atMs?: number;
  readonly lengthMs: number;
  readonly loudness?: number;
  readonly shape?: OscillatorType;
}

const tunes: Readonly<Partial<Record<GameEventKind, readonly Tone[]>>> = {
  started: [262, 330, 392, 523].map((from, index) => ({
    from,
    atMs: index * 130,
    lengthMs: 160,
    shape: 'triangle',
  })),
  flood: [
    { from: 180, to: 620, lengthMs: 380, shape: 'sawtooth', loudness: 0.35 },
    { from: 270, to: 930, atMs: 60, lengthMs: 380, shape: 'sine' },
  ],
  ghost: [
    { from: 880, to: 220, lengthMs: 180, shape: 'square', loudness: 0.35 },
    { from: 440, to: 1320, atMs: 120, lengthMs: 160, shape: 'triangle' },
  ],
  bonus: [659, 784, 988].map((from, index) => ({ from, atMs: index * 70, lengthMs: 110, shape: 'triangle' })),
  extraLife: [523, 659, 784, 1047].map((from, index) => ({
    from,
    atMs: index * 80,
    lengthMs: 140,
    shape: 'sine',
  })),
  caught: [
    { from: 420, to: 70, lengthMs: 700, shape: 'sawtooth', loudness: 0.4 },
    { from: 300, to: 50, atMs: 120, lengthMs: 800, shape: 'triangle' },
  ],
  cleared: [392, 494, 587, 784, 988].map((from, index) => ({
    from,
    atMs: index * 110,
    lengthMs: 170,
    shape: 'triangle',
  })),
  over: [330, 294, 262, 196].map((from, index) => ({
    from,
    atMs: index * 220,
    lengthMs: 260,
    shape: 'triangle',
  })),
};

/** All sounds are made here from oscillators; there are no recordings. */
export class Sound {
  #audio: AudioContext | undefined;
  #clack = false;
  muted = false;

  /** Browsers let a page make sound only after the player did something. */
  wake(): void {
    this.#audio ??= new AudioContext();
    void this.#audio.resume();
  }

  play(kind: GameEventKind): void {
    if (kind === 'grain') {
      // Two notes in turn: the clack of the mill.
      this.#clack = !this.#clack;
      this.#tone({ from: this.#clack ? 310 : 250, to: 200, lengthMs: 55, shape: 'triangle', loudness: 0.55 });
    }
    for (const tone of tunes[kind] ?? []) this.#tone(tone);
  }

  #tone({ from, to = from, atMs = 0, lengthMs, loudness = 0.7, shape = 'sine' }: Tone): void {
    const audio = this.#audio;
    if (audio === undefined || this.muted) return;
    const start = audio.currentTime + atMs / 1_000;
    const end = start + lengthMs / 1_000;
    const oscillator = new OscillatorNode(audio, { type: shape, frequency: from });
    oscillator.frequency.exponentialRampToValueAtTime(to, end);
    const gain = new GainNode(audio, { gain: 0 });
    gain.gain.setValueAtTime(0.0001, start);
    gain.gain.exponentialRampToValueAtTime(loudness * 0.16, start + 0.012);
    gain.gain.exponentialRampToValueAtTime(0.0001, end);
    oscillator.connect(gain).connect(audio.destination);
    oscillator.start(start);
    oscillator.stop(end);
  }
}
