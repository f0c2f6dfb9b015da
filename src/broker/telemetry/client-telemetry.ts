import { Buffer } from 'node:buffer';
import type { Clock } from '../../base/clock.ts';
import { type Random, uuidHex } from '../../base/random.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { CODECS, decompress } from '../../record/compression.ts';
import { CompressionError } from '../../record/compression-error.ts';
import { crc32c } from '../../record/crc32c.ts';
import { CLIENT_METRICS_CONFIGS } from '../config/client-metrics-configs.ts';
import { type MatchedLabel, parsePattern } from '../config/client-metrics-rules.ts';
import { listItems } from '../config/config-table.ts';
import type { ResourceConfigs } from '../metadata/resource-configs.ts';
import { readMetrics } from './otlp.ts';
import { ProtobufError } from './protobuf-reader.ts';
import type { PushedMetrics } from './pushed-metrics.ts';

/** What subscriptions may look at in a client. */
export type ClientDescription = Readonly<Record<MatchedLabel, string>>;

/** What a client is asked for. */
export interface Subscription {
  readonly subscriptionId: number;
  readonly metrics: readonly string[];
  readonly pushIntervalMs: number;
}

interface Instance {
  readonly description: ClientDescription;
  subscription: Subscription;
  /** Of the configs `subscription` was made from. */
  version: number;
  lastGetMs: number;
  lastPushMs: number;
  lastError: ErrorName;
  isTerminating: boolean;
}

export interface Push {
  readonly clientInstanceId: string;
  readonly subscriptionId: number;
  readonly terminating: boolean;
  readonly compressionType: number;
  readonly metrics: Buffer;
}

export const NO_INSTANCE = '0'.repeat(32);
const NEVER = Number.NEGATIVE_INFINITY;
const DEFAULT_INTERVAL_MS = Number(CLIENT_METRICS_CONFIGS.get('interval.ms')!.default);
/** As in Kafka; the one that was silent longest makes room. */
const MOST_INSTANCES = 16_384;
/** A client that pushed nothing for so many intervals is taken for gone. */
const GONE_AFTER_INTERVALS = 3;
/** Zeros compress well: what a push may become. */
const MOST_TIMES_LARGER = 10;

/** Metrics of clients, which they push when they are asked to by a client metrics subscription (KIP-714). */
export class ClientTelemetry {
  readonly #configs: ResourceConfigs;
  readonly #pushed: PushedMetrics;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #maxBytes: () => number;
  /** Who was heard last comes last. */
  readonly #instances = new Map<string, Instance>();

  constructor(deps: {
    readonly configs: ResourceConfigs;
    readonly pushed: PushedMetrics;
    readonly clock: Clock;
    readonly random: Random;
    /** telemetry.max.bytes */
    readonly maxBytes: () => number;
  }) {
    this.#configs = deps.configs;
    this.#pushed = deps.pushed;
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#maxBytes = deps.maxBytes;
  }

  get maxBytes(): number {
    return this.#maxBytes();
  }

  /** What this client is to push; a client without an id gets one. */
  subscribe(
    clientInstanceId: string,
    describe: (instanceId: string) => ClientDescription,
  ): { readonly error: ErrorName; readonly instanceId: string; readonly subscription?: Subscription } {
    const instanceId = clientInstanceId === NO_INSTANCE ? uuidHex(this.#random) : clientInstanceId;
    const instance = this.#instance(instanceId, describe);
    const nowMs = this.#clock.monotonicMs();
    const silentMs = nowMs - Math.max(instance.lastGetMs, instance.lastPushMs);
    const mustAsk =
      instance.lastError === 'UNKNOWN_SUBSCRIPTION_ID' ||
      instance.lastError === 'UNSUPPORTED_COMPRESSION_TYPE';
    if (!mustAsk && silentMs < instance.subscription.pushIntervalMs)
      return { error: 'THROTTLING_QUOTA_EXCEEDED', instanceId };
    instance.lastGetMs = nowMs;
    instance.lastError = 'NONE';
    return { error: 'NONE', instanceId, subscription: instance.subscription };
  }

  push(push: Push, describe: (instanceId: string) => ClientDescription): ErrorName {
    if (push.clientInstanceId === NO_INSTANCE) return 'INVALID_REQUEST';
    const instance = this.#instance(push.clientInstanceId, describe);
    instance.lastError = this.#take(push, instance);
    return instance.lastError;
  }

  #take(push: Push, instance: Instance): ErrorName {
    if (instance.isTerminating) return 'INVALID_REQUEST';
    const nowMs = this.#clock.monotonicMs();
    // The first push after asking may come at any time, and so may the last of all.
    const isDue =
      instance.lastGetMs > instance.lastPushMs ||
      nowMs - instance.lastPushMs >= instance.subscription.pushIntervalMs;
    if (!isDue && !push.terminating) return 'THROTTLING_QUOTA_EXCEEDED';
    instance.lastPushMs = nowMs;
    if (push.subscriptionId !== instance.subscription.subscriptionId) return 'UNKNOWN_SUBSCRIPTION_ID';
    const codec = CODECS[push.compressionType];
    if (codec === undefined) return 'UNSUPPORTED_COMPRESSION_TYPE';
    if (push.metrics.length > this.#maxBytes()) return 'TELEMETRY_TOO_LARGE';
    const client = {
      client_instance_id: instance.description.client_instance_id,
      client_id: instance.description.client_id,
    };
    try {
      const bytes = decompress(codec, push.metrics, this.#maxBytes() * MOST_TIMES_LARGER);
      this.#pushed.add(client, readMetrics(bytes));
    } catch (error) {
      if (error instanceof ProtobufError || error instanceof CompressionError) return 'INVALID_RECORD';
      throw error;
    }
    if (push.terminating) {
      instance.isTerminating = true;
      this.#pushed.forget(client);
    }
    return 'NONE';
  }

  #instance(instanceId: string, describe: (instanceId: string) => ClientDescription): Instance {
    this.#forgetGone();
    const known = this.#instances.get(instanceId);
    if (known !== undefined) {
      this.#instances.delete(instanceId);
      this.#instances.set(instanceId, known);
      if (known.version !== this.#configs.version) {
        known.subscription = this.#subscription(instanceId, known.description);
        known.version = this.#configs.version;
      }
      return known;
    }
    const description = describe(instanceId);
    const made: Instance = {
      description,
      subscription: this.#subscription(instanceId, description),
      version: this.#configs.version,
      lastGetMs: NEVER,
      lastPushMs: NEVER,
      lastError: 'NONE',
      isTerminating: false,
    };
    this.#instances.set(instanceId, made);
    return made;
  }

  /** All that subscriptions ask of this client, at the shortest of their intervals. */
  #subscription(instanceId: string, description: ClientDescription): Subscription {
    const matching = this.#configs
      .names('client-metrics')
      .map((name) => this.#configs.of('client-metrics', name))
      .filter(({ match }) => matches(match, description));
    const wanted = new Set(matching.flatMap(({ metrics }) => listItems(metrics ?? '')));
    const intervals = matching.map((each) => Number(each['interval.ms'] ?? DEFAULT_INTERVAL_MS));
    const pushIntervalMs = intervals.length === 0 ? DEFAULT_INTERVAL_MS : Math.min(...intervals);
    // On the wire all metrics are the one prefix that everything begins with.
    const metrics = wanted.has('*') ? [''] : [...wanted].sort();
    const content = Buffer.from(JSON.stringify([instanceId, metrics, pushIntervalMs]));
    return { subscriptionId: crc32c(content) | 0, metrics, pushIntervalMs };
  }

  #forgetGone(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [instanceId, instance] of this.#instances) {
      const heardMs = Math.max(instance.lastGetMs, instance.lastPushMs);
      const isGone = nowMs - heardMs > GONE_AFTER_INTERVALS * instance.subscription.pushIntervalMs;
      if (!isGone && this.#instances.size < MOST_INSTANCES) return;
      this.#instances.delete(instanceId);
      this.#pushed.forget(instance.description);
    }
  }
}

function matches(match: string | undefined, description: ClientDescription): boolean {
  return listItems(match ?? '').every((pattern) => {
    const parsed = parsePattern(pattern);
    return parsed?.[1].test(description[parsed[0]]) === true;
  });
}
