import type { Entry } from './entry.ts';

/** What a call leads to: records, all or none of them, and an answer that waits until they are durable. */
export interface Decision<Reply> {
  readonly entries: readonly Entry[];
  readonly reply: Reply;
}
