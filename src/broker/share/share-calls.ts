import type { ErrorName } from '../../protocol/errors.ts';
import type { AcquiredRange } from './acquired-ranges.ts';
import type { ShareKey } from './share-entries.ts';
import type { Acknowledgement, Acquire } from './share-partition.ts';

/** The state of a share partition as administrators see it. */
export interface ShareSummary {
  /** -1 when the group has not begun to read it. */
  readonly startOffset: number;
  readonly leaderEpoch: number;
}

/** Every call of the coordinator of share partitions. */
export type ShareCalls = {
  /** Where the group begins; the first to decide wins. */
  begin: {
    request: { readonly key: ShareKey; readonly startOffset: number; readonly leaderEpoch: number };
    reply: ShareSummary;
  };
  acquire: {
    request: Acquire & { readonly key: ShareKey };
    reply: { readonly ranges: readonly AcquiredRange[] };
  };
  acknowledge: {
    request: {
      readonly key: ShareKey;
      readonly memberId: string;
      readonly acknowledgements: readonly Acknowledgement[];
    };
    reply: { readonly error: ErrorName };
  };
  /** The member's session is over: others may have what it holds. */
  release: {
    request: { readonly key: ShareKey; readonly memberId: string };
    reply: Record<string, never>;
  };
  describe: { request: { readonly key: ShareKey }; reply: ShareSummary };
  /** An administrator moves the start; nobody holds anything afterwards. */
  alter: {
    request: { readonly key: ShareKey; readonly startOffset: number; readonly leaderEpoch: number };
    reply: Record<string, never>;
  };
  delete: { request: { readonly keys: readonly ShareKey[] }; reply: Record<string, never> };
  /** Writes these down anew, so that all before may go. */
  rewrite: { request: { readonly keys: readonly ShareKey[] }; reply: Record<string, never> };
};
