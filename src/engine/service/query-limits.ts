import type { Clock } from '../../base/clock.ts';
import { KsqlError, TOO_MANY_REQUESTS } from './ksql-error.ts';

type Properties = Readonly<Record<string, string>>;

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const MINUTES_AN_HOUR = 60;
const MEGABYTE = 1024 * 1024;

/**
 * What the server's settings allow queries, by ksqlDB's names. A limit that is not set is not looked at again.
 *
 *   ksql.query.pull.max.qps                            begun in a second, all of which may begin at once
 *   ksql.query.pull.max.concurrent.requests            not answered yet
 *   ksql.query.pull.max.hourly.bandwidth.megabytes     of rows in the last hour
 *   ksql.query.push.v2.max.hourly.bandwidth.megabytes  likewise, of push queries
 */
export class QueryLimits {
  readonly #clock: Clock;
  readonly #pulled: HourlyBytes;
  readonly #pushed: HourlyBytes;
  #running = 0;
  #begunAllowance = Number.POSITIVE_INFINITY;
  #allowanceAtMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#pulled = new HourlyBytes(clock);
    this.#pushed = new HourlyBytes(clock);
  }

  /** Throws a KsqlError with 429 while there is too much. What it returns is to be called when the answer is complete. */
  beginPull(properties: Properties): (() => void) | undefined {
    this.#checkBandwidth('pull', properties['ksql.query.pull.max.hourly.bandwidth.megabytes'], this.#pulled);
    this.#checkRate(properties['ksql.query.pull.max.qps']);
    const most = properties['ksql.query.pull.max.concurrent.requests'];
    if (most === undefined) return undefined;
    if (this.#running >= Number(most))
      throw tooMuch(`${most} pull queries run here already, which is the limit.`);
    this.#running += 1;
    return () => {
      this.#running -= 1;
    };
  }

  beginPush(properties: Properties): void {
    const name = 'ksql.query.push.v2.max.hourly.bandwidth.megabytes';
    this.#checkBandwidth('push', properties[name], this.#pushed);
  }

  pulled(bytes: number): void {
    this.#pulled.add(bytes);
  }

  pushed(bytes: number): void {
    this.#pushed.add(bytes);
  }

  #checkRate(limit: string | undefined): void {
    if (limit === undefined) return;
    const perSecond = Number(limit);
    const nowMs = this.#clock.monotonicMs();
    const regained = ((nowMs - this.#allowanceAtMs) / SECOND_MS) * perSecond;
    this.#begunAllowance = Math.min(perSecond, this.#begunAllowance + regained);
    this.#allowanceAtMs = nowMs;
    if (this.#begunAllowance < 1)
      throw tooMuch(`More than ${perSecond} pull queries began here within a second, which is the limit.`);
    this.#begunAllowance -= 1;
  }

  #checkBandwidth(kind: 'pull' | 'push', limit: string | undefined, sent: HourlyBytes): void {
    if (limit === undefined || sent.total <= Number(limit) * MEGABYTE) return;
    throw tooMuch(
      `Answers to ${kind} queries came to more than ${limit} megabytes within an hour, which is the limit.`,
    );
  }
}

/** Bytes of the last hour, minute by minute. */
class HourlyBytes {
  readonly #clock: Clock;
  readonly #minutes: number[] = new Array<number>(MINUTES_AN_HOUR).fill(0);
  #minute = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get total(): number {
    this.#advance();
    return this.#minutes.reduce((sum, bytes) => sum + bytes, 0);
  }

  add(bytes: number): void {
    this.#advance();
    this.#minutes[this.#minute % MINUTES_AN_HOUR]! += bytes;
  }

  #advance(): void {
    const minute = Math.floor(this.#clock.monotonicMs() / MINUTE_MS);
    const passed = Math.min(MINUTES_AN_HOUR, minute - this.#minute);
    for (let i = 1; i <= passed; i++) this.#minutes[(minute - passed + i) % MINUTES_AN_HOUR] = 0;
    this.#minute = minute;
  }
}

function tooMuch(message: string): KsqlError {
  return new KsqlError(TOO_MANY_REQUESTS, `${message} Try again later.`);
}
