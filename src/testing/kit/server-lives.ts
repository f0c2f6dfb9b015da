import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { PowerCut, Pump } from './pump.ts';
import { beginLife, type LifeOptions, type ServerLife } from './server-life.ts';
import type { CrashOptions } from './test-types.ts';

/**
 * A server's lives, one after the other on what the one before left on the disk, and the time that goes on through them.
 *
 *   life --+-- clean stop ------------------------------------+--> next life
 *          +-- power cut --> what was synced, and what the ---+
 *                            seed's coin left of the rest
 */
export class ServerLives {
  readonly #options: Omit<LifeOptions, 'fs' | 'clock'>;
  #fs = new MemoryFileSystem();
  #clock: VirtualClock;
  #pump!: Pump;
  #life!: ServerLife;
  #crash: CrashOptions = {};
  /** How many calls of `together` are under way. */
  #together = 0;

  private constructor(options: Omit<LifeOptions, 'fs' | 'clock'>, startMs: number | undefined) {
    this.#options = options;
    this.#clock = new VirtualClock(startMs);
  }

  static async begin(
    options: Omit<LifeOptions, 'fs' | 'clock'>,
    startMs: number | undefined,
  ): Promise<ServerLives> {
    const lives = new ServerLives(options, startMs);
    await lives.#begin();
    return lives;
  }

  /** The present one, or, after a power cut, the last. */
  get life(): ServerLife {
    return this.#life;
  }

  get nowMs(): number {
    return this.#clock.nowMs();
  }

  get isPowerCut(): boolean {
    return this.#fs.crashed;
  }

  get fileCalls(): number {
    return this.#fs.callCount;
  }

  /** Rejects with a PowerCut when the power goes off before there is an answer. */
  run<T>(what: string, work: (life: ServerLife) => Promise<T>): Promise<T> {
    return this.#pump.run(what, () => work(this.#life));
  }

  /** Until every query has read all there is. */
  async settle(): Promise<void> {
    if (this.#together === 0) await this.#pump.settle(this.#life);
  }

  /** Settles once, when `work` ends. */
  async together<T>(work: () => Promise<T>): Promise<T> {
    this.#together++;
    try {
      return await work();
    } finally {
      this.#together--;
      if (!this.#fs.crashed) await this.settle();
    }
  }

  async advance(durationMs: number): Promise<void> {
    if (this.#fs.crashed) throw new PowerCut();
    await this.#clock.advance(durationMs);
    await this.settle();
  }

  /** Puts the clock forward, as an administrator would: timers do not notice. It is never put back. */
  setClock(timestampMs: number): void {
    if (timestampMs > this.#clock.nowMs()) this.#clock.setWallMs(timestampMs);
  }

  cutPower(options: CrashOptions): void {
    this.#crash = options;
    if (!this.#fs.crashed) this.#fs.crash({ keep: 'synced' });
  }

  /** In the middle of the n-th call of the file system from now on. */
  cutPowerAtCall(callNumber: number, options: CrashOptions): void {
    this.#crash = options;
    this.#fs.crashAtCall(callNumber);
  }

  async restart(): Promise<void> {
    if (this.#fs.crashed) {
      const { keep = 'random', seed = this.#options.seed } = this.#crash;
      this.#fs = this.#fs.crash({ keep, random: new SeededRandom(seed) });
    } else {
      await this.run('stop', (life) => life.stop());
    }
    // Timers of the life before are gone with it.
    this.#clock = new VirtualClock(this.#clock.nowMs());
    await this.#begin();
  }

  async end(): Promise<void> {
    if (this.#fs.crashed) return;
    await this.run('close', (life) => life.stop()).catch((error: Error) => {
      // A power cut that was to come later comes to nobody's surprise.
      if (!(error instanceof PowerCut)) throw error;
    });
  }

  async #begin(): Promise<void> {
    const options: LifeOptions = { ...this.#options, fs: this.#fs, clock: this.#clock };
    this.#pump = new Pump(this.#clock, this.#fs);
    this.#life = await this.#pump.run('start', () => beginLife(options));
    await this.settle();
  }
}
