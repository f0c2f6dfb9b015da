import type { MutationQuota, RequestContext } from '../api.ts';
import type { Verdict } from '../metadata/metadata-calls.ts';

/**
 * KIP-599: newer versions of the requests that change topics are refused, topic by topic, once the allowance is used up;
 * older ones, whose clients do not know that error, are only slowed down.
 */
export class MutationCharge {
  readonly #quota: MutationQuota | undefined;
  readonly #isStrict: boolean;

  constructor({ mutations, apiVersion }: RequestContext, firstStrictVersion: number) {
    this.#quota = mutations;
    this.#isStrict = apiVersion >= firstStrictVersion;
  }

  /** Counts a change of so many partitions, or says that it must wait. */
  refusal(partitions: number): Verdict | undefined {
    if (this.#quota === undefined) return undefined;
    if (this.#isStrict && this.#quota.waitMs() > 0)
      return { error: 'THROTTLING_QUOTA_EXCEEDED', message: null };
    this.#quota.take(partitions);
    return undefined;
  }

  get throttleTimeMs(): number {
    return this.#quota?.waitMs() ?? 0;
  }
}
