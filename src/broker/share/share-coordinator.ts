import type { Logger } from '../../base/logger.ts';
import type { CoordinatorPartitions } from '../coordinator-partitions.ts';
import type { ShareCalls } from './share-calls.ts';
import { coordinatorKey, type ShareEntry, type ShareKey } from './share-entries.ts';
import type { ShareMachine } from './share-machine.ts';
import type { SharePartition } from './share-partition.ts';
import type { ShareSession } from './share-sessions.ts';

export const SHARE_STATE_TOPIC = '__share_group_state';

/** Calls that concern one share partition. */
type KeyedCall = Exclude<keyof ShareCalls, 'delete' | 'rewrite'>;

/** After so many entries the state is written anew, so that a start need not read what led to it. */
const ENTRIES_BEFORE_REWRITE = 20_000;
/** Keeps a batch of snapshots far below the size of a segment. */
const SNAPSHOTS_AT_ONCE = 50;

/** The share partitions as the request handlers see them: it finds the partition that keeps a state. */
export class ShareCoordinator {
  readonly #partitions: CoordinatorPartitions<ShareMachine, ShareCalls, ShareEntry>;
  readonly #logger: Logger;
  readonly #entriesBeforeRewrite: number;
  readonly #rewriting = new Set<number>();

  constructor(
    partitions: CoordinatorPartitions<ShareMachine, ShareCalls, ShareEntry>,
    logger: Logger,
    entriesBeforeRewrite = ENTRIES_BEFORE_REWRITE,
  ) {
    this.#partitions = partitions;
    this.#logger = logger;
    this.#entriesBeforeRewrite = entriesBeforeRewrite;
  }

  /** As it is at this moment, perhaps not durable yet: to decide whether to fetch, not to be told. */
  find(key: ShareKey): SharePartition | undefined {
    return this.#partitions.of(coordinatorKey(key)).machine.find(key);
  }

  watch(key: ShareKey, listener: () => void): () => void {
    return this.#partitions.of(coordinatorKey(key)).machine.watch(key, listener);
  }

  async call<Kind extends KeyedCall>(
    kind: Kind,
    request: ShareCalls[Kind]['request'] & { readonly key: ShareKey },
  ): Promise<ShareCalls[Kind]['reply']> {
    const name = coordinatorKey(request.key);
    const reply = await this.#partitions.submit(name, kind, request);
    this.#rewriteWhenDue(this.#partitions.partitionOf(name));
    return reply;
  }

  /** A session is over: its member has nothing to say about these records any more. */
  releaseAll({ groupId, memberId, places }: ShareSession): void {
    for (const place of places.values()) {
      this.call('release', { key: { groupId, ...place }, memberId }).catch((error: unknown) => {
        this.#logger.debug('Records of an ended share session stay locked', { error: String(error) });
      });
    }
  }

  /** Nothing is known any more of share partitions that are meant. */
  async forget(isMeant: (key: ShareKey) => boolean): Promise<void> {
    await Promise.all(
      this.#partitions.all().map(async ({ machine, runner }) => {
        const keys = machine.keys().filter(isMeant);
        if (keys.length > 0) await runner.submit('delete', { keys });
      }),
    );
  }

  close(): void {
    this.#partitions.close();
  }

  #rewriteWhenDue(index: number): void {
    const { machine } = this.#partitions.at(index)!;
    if (machine.entryCount < this.#entriesBeforeRewrite + 2 * machine.partitionCount) return;
    if (this.#rewriting.has(index)) return;
    this.#rewriting.add(index);
    this.#rewrite(index)
      .catch((error: unknown) => {
        this.#logger.warn('Share state could not be written anew', {
          partition: index,
          error: String(error),
        });
      })
      .finally(() => this.#rewriting.delete(index));
  }

  /** Snapshots of everything, after which nothing written before them is needed. */
  async #rewrite(index: number): Promise<void> {
    const { machine, runner, log } = this.#partitions.at(index)!;
    const firstKept = log.endOffset;
    const keys = machine.keys();
    for (let from = 0; from < keys.length; from += SNAPSHOTS_AT_ONCE)
      await runner.submit('rewrite', { keys: keys.slice(from, from + SNAPSHOTS_AT_ONCE) });
    await log.deleteRecordsBefore(firstKept);
  }
}
