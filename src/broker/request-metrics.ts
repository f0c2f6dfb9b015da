import type { Buffer } from 'node:buffer';
import type { Clock } from '../base/clock.ts';
import type { Counter, Histogram, Metrics } from '../base/metrics.ts';
import { errorByCode } from '../protocol/errors.ts';
import { type ApiName, MESSAGES } from '../protocol/messages.gen.ts';
import { type ErrorWalk, errorWalk } from './error-codes.ts';

/**
 * Counts requests by API: how many in which version, how long until the answer is ready, bytes both ways, errors by
 * name. A request costs two looks at the clock and a handful of additions; series are made when first needed.
 */
export class RequestMetrics {
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #apis = new Map<ApiName, ApiMetrics>();

  constructor(metrics: Metrics, clock: Clock) {
    this.#metrics = metrics;
    this.#clock = clock;
  }

  of(api: ApiName): ApiMetrics {
    let known = this.#apis.get(api);
    if (known === undefined) {
      known = new ApiMetrics(this.#metrics, this.#clock, api);
      this.#apis.set(api, known);
    }
    return known;
  }
}

/** The metrics of one API, made once and held: counting a request looks nothing up but its version. */
export class ApiMetrics {
  readonly #metrics: Metrics;
  readonly #clock: Clock;
  readonly #api: ApiName;
  readonly #seconds: Histogram;
  readonly #receivedBytes: Counter;
  readonly #answeredBytes: Counter;
  readonly #requests: Counter[] = [];
  readonly #errors = new Map<number, Counter>();
  readonly #walk: ErrorWalk | undefined;

  constructor(metrics: Metrics, clock: Clock, api: ApiName) {
    this.#metrics = metrics;
    this.#clock = clock;
    this.#api = api;
    this.#seconds = metrics.histogram(
      'millrace_kafka_request_seconds',
      'Time from a whole request to its answer, waiting for data or other members included.',
      { api },
    );
    this.#receivedBytes = metrics.counter('millrace_kafka_request_bytes_total', 'Bytes of requests.', {
      api,
    });
    this.#answeredBytes = metrics.counter('millrace_kafka_response_bytes_total', 'Bytes of answers.', {
      api,
    });
    this.#walk = errorWalk(MESSAGES[`${api}Response`].fields);
  }

  /** A request came in; the result is what `answered` wants to know about it. */
  received(version: number, bytes: number): number {
    this.#requests[version] ??= this.#metrics.counter(
      'millrace_kafka_requests_total',
      'Requests by API and version.',
      { api: this.#api, version: String(version) },
    );
    this.#requests[version].add();
    this.#receivedBytes.add(bytes);
    return this.#clock.monotonicMs();
  }

  /** `message` is null where there is no answer. */
  answered(receivedAtMs: number, message: object | null, frame: readonly Buffer[] | null): void {
    this.#seconds.observe((this.#clock.monotonicMs() - receivedAtMs) / 1000);
    if (frame !== null) for (const part of frame) this.#answeredBytes.add(part.length);
    if (message !== null) this.#walk?.(message, this.#countError);
  }

  readonly #countError = (code: number): void => {
    let counter = this.#errors.get(code);
    if (counter === undefined) {
      const labels = { api: this.#api, error: errorByCode(code).name };
      counter = this.#metrics.counter(
        'millrace_kafka_errors_total',
        'Error codes in answers, each item of a batch by itself.',
        labels,
      );
      this.#errors.set(code, counter);
    }
    counter.add();
  };
}
