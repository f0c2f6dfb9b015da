import { Deadlines } from '../../topics/deadlines.ts';
import type { Answer, Call, Outcome, StateMachine } from '../../topics/state-machine.ts';
import type { ShareCalls, ShareSummary } from './share-calls.ts';
import type { ShareConfig } from './share-config.ts';
import { coordinatorKey, type ShareEntry, type ShareKey, type StateBatch } from './share-entries.ts';
import { SharePartition } from './share-partition.ts';

interface Kept {
  readonly key: ShareKey;
  readonly partition: SharePartition;
}

/**
 * The share partitions whose state lies in one partition of `__share_group_state`.
 *
 * Holds on records live in memory only, and so does when they end: a restart gives everything back that was not
 * acknowledged.
 */
export class ShareMachine implements StateMachine<ShareCalls, ShareEntry> {
  readonly #kept = new Map<string, Kept>();
  readonly #deadlines = new Deadlines();
  readonly #watchers = new Map<string, Set<() => void>>();
  readonly #config: () => ShareConfig;
  /** Entries that a rewrite would spare the next start. */
  #entryCount = 0;

  constructor(config: () => ShareConfig) {
    this.#config = config;
  }

  get entryCount(): number {
    return this.#entryCount;
  }

  get partitionCount(): number {
    return this.#kept.size;
  }

  keys(): ShareKey[] {
    return [...this.#kept.values()].map(({ key }) => key);
  }

  find(key: ShareKey): SharePartition | undefined {
    return this.#kept.get(coordinatorKey(key))?.partition;
  }

  /** Calls back when there may be more to acquire. */
  watch(key: ShareKey, listener: () => void): () => void {
    const name = coordinatorKey(key);
    let listeners = this.#watchers.get(name);
    if (listeners === undefined) {
      listeners = new Set();
      this.#watchers.set(name, listeners);
    }
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#watchers.get(name) === listeners) this.#watchers.delete(name);
    };
  }

  handle(call: Call<ShareCalls>, nowMs: number): Outcome<ShareCalls, ShareEntry> {
    const entries: ShareEntry[] = [];
    const reply = this.#decide(call, entries, nowMs);
    return this.#outcome(entries, [{ token: call.token, reply }]);
  }

  wake(nowMs: number): Outcome<ShareCalls, ShareEntry> {
    const entries: ShareEntry[] = [];
    const { maxDeliveryCount } = this.#config();
    for (;;) {
      const name = this.#deadlines.takeDue(nowMs);
      if (name === undefined) break;
      const kept = this.#kept.get(name);
      if (kept === undefined) continue;
      this.#write(kept, kept.partition.expire(nowMs, maxDeliveryCount), entries, nowMs);
      this.#schedule(name, kept.partition);
    }
    return this.#outcome(entries, []);
  }

  replay(entry: ShareEntry): void {
    this.#entryCount++;
    const name = coordinatorKey(entry.key);
    if (entry.value === null) {
      this.#kept.delete(name);
      this.#deadlines.delete(name);
    } else {
      const { partition } = this.#keep(entry.key);
      if (entry.kind === 'snapshot') partition.applySnapshot(entry.value);
      else partition.applyUpdate(entry.value);
    }
    this.#notify(name);
  }

  #decide(call: Call<ShareCalls>, entries: ShareEntry[], nowMs: number): Answer<ShareCalls>['reply'] {
    switch (call.kind) {
      case 'begin':
        return this.#begin(call.request, entries, nowMs);
      case 'acquire':
        return this.#acquire(call.request, entries, nowMs);
      case 'acknowledge':
        return this.#acknowledge(call.request, entries, nowMs);
      case 'release':
        return this.#release(call.request);
      case 'describe':
        return summary(this.find(call.request.key));
      case 'alter':
        return this.#alter(call.request, entries, nowMs);
      case 'delete':
        return this.#delete(call.request.keys, entries);
      case 'rewrite':
        return this.#rewrite(call.request.keys, entries, nowMs);
    }
  }

  #begin(
    { key, startOffset, leaderEpoch }: ShareCalls['begin']['request'],
    entries: ShareEntry[],
    nowMs: number,
  ): ShareSummary {
    const known = this.find(key);
    if (known !== undefined && known.startOffset >= 0) return summary(known);
    const value = { ...(known ?? new SharePartition()).snapshot(nowMs), startOffset, leaderEpoch };
    entries.push({ kind: 'snapshot', key, value });
    return { startOffset, leaderEpoch };
  }

  #acquire(
    request: ShareCalls['acquire']['request'],
    entries: ShareEntry[],
    nowMs: number,
  ): ShareCalls['acquire']['reply'] {
    const name = coordinatorKey(request.key);
    const kept = this.#kept.get(name);
    if (kept === undefined) return { ranges: [] };
    const { ranges, changes } = kept.partition.acquire(request, nowMs);
    this.#schedule(name, kept.partition);
    this.#write(kept, changes, entries, nowMs);
    return { ranges };
  }

  #acknowledge(
    { key, memberId, acknowledgements }: ShareCalls['acknowledge']['request'],
    entries: ShareEntry[],
    nowMs: number,
  ): ShareCalls['acknowledge']['reply'] {
    const kept = this.#kept.get(coordinatorKey(key));
    if (kept === undefined) return { error: 'UNKNOWN_TOPIC_OR_PARTITION' };
    const { maxDeliveryCount } = this.#config();
    const changes = kept.partition.acknowledge(memberId, acknowledgements, maxDeliveryCount);
    if (typeof changes === 'string') return { error: changes };
    this.#write(kept, changes, entries, nowMs);
    return { error: 'NONE' };
  }

  #release({ key, memberId }: ShareCalls['release']['request']): Record<string, never> {
    const name = coordinatorKey(key);
    if (this.#kept.get(name)?.partition.release(memberId) === true) this.#notify(name);
    return {};
  }

  #alter(
    { key, startOffset, leaderEpoch }: ShareCalls['alter']['request'],
    entries: ShareEntry[],
    nowMs: number,
  ): Record<string, never> {
    const before = (this.find(key) ?? new SharePartition()).snapshot(nowMs);
    const stateEpoch = before.stateEpoch + 1;
    entries.push({
      kind: 'snapshot',
      key,
      value: { ...before, stateEpoch, startOffset, leaderEpoch, batches: [] },
    });
    return {};
  }

  #delete(keys: readonly ShareKey[], entries: ShareEntry[]): Record<string, never> {
    for (const key of keys)
      if (this.find(key) !== undefined) entries.push({ kind: 'snapshot', key, value: null });
    return {};
  }

  #rewrite(keys: readonly ShareKey[], entries: ShareEntry[], nowMs: number): Record<string, never> {
    for (const key of keys) {
      const partition = this.find(key);
      if (partition !== undefined) entries.push({ kind: 'snapshot', key, value: partition.snapshot(nowMs) });
    }
    this.#entryCount = 0;
    return {};
  }

  #write(
    { key, partition }: Kept,
    batches: readonly StateBatch[],
    entries: ShareEntry[],
    nowMs: number,
  ): void {
    if (batches.length === 0) return;
    if (partition.updates + 1 >= this.#config().updatesPerSnapshot) {
      entries.push({ kind: 'snapshot', key, value: partition.snapshot(nowMs, batches) });
      return;
    }
    const { snapshotEpoch, leaderEpoch, startOffset } = partition;
    entries.push({ kind: 'update', key, value: { snapshotEpoch, leaderEpoch, startOffset, batches } });
  }

  #keep(key: ShareKey): Kept {
    const name = coordinatorKey(key);
    let kept = this.#kept.get(name);
    if (kept === undefined) {
      kept = { key, partition: new SharePartition() };
      this.#kept.set(name, kept);
    }
    return kept;
  }

  #schedule(name: string, partition: SharePartition): void {
    const atMs = partition.nextExpiryMs();
    if (atMs === undefined) this.#deadlines.delete(name);
    else this.#deadlines.set(name, atMs);
  }

  #notify(name: string): void {
    for (const listener of [...(this.#watchers.get(name) ?? [])]) listener();
  }

  #outcome(
    entries: readonly ShareEntry[],
    replies: readonly Answer<ShareCalls>[],
  ): Outcome<ShareCalls, ShareEntry> {
    return { entries, replies, wakeAtMs: this.#deadlines.earliest() };
  }
}

function summary(partition: SharePartition | undefined): ShareSummary {
  return { startOffset: partition?.startOffset ?? -1, leaderEpoch: partition?.leaderEpoch ?? 0 };
}
