import { Deferred } from '../../base/async.ts';
import { type CallHandlers, Calls, carriedError } from '../../base/calls.ts';
import { systemClock } from '../../base/clock.ts';
import { openReader } from '../../base/file-reader.ts';
import { openLmdbDiskMap } from '../../base/lmdb-disk-map.ts';
import { osFileSystem } from '../../base/os-fs.ts';
import type { Port } from '../../base/port.ts';
import type { Column } from '../../data/schema.ts';
import { FileReads } from '../../topics/threads/file-reads.ts';
import { SharedOffsets } from '../../topics/threads/shared-offsets.ts';
import { ThreadTopics } from '../../topics/threads/thread-topics.ts';
import { reviveTopicError } from '../../topics/threads/topics-calls.ts';
import { WatchFlags } from '../../topics/threads/watch-flags.ts';
import type { Position } from '../../topics/topics.ts';
import { Engine } from '../engine.ts';
import type { Pull } from '../pull.ts';
import type { Query } from '../query.ts';
import type { Pace } from '../running-query.ts';
import { RoundRobin } from '../turns.ts';
import type {
  EngineCalls,
  EngineThreadData,
  HostCalls,
  PullAsk,
  PulledHelping,
  QuerySnapshot,
} from './engine-calls.ts';
import { answerAll } from './gathered.ts';
import { PortLogger } from './port-logger.ts';
import { portableRow } from './portable-rows.ts';
import { ReceivedShapes } from './pull-shapes.ts';

interface Running {
  readonly query: Query;
  readonly columns: readonly Column[];
  readonly pace: HelpingPace | undefined;
}

/** An engine in a thread of its own, driven by the main thread's messages. */
export class EngineWorker {
  readonly #calls: Calls<HostCalls, EngineCalls>;
  readonly #topics: ThreadTopics;
  readonly #engine: Engine;
  readonly #queries = new Map<number, Running>();
  readonly #handles = new Map<string, number>();
  readonly #pulls = new Map<
    number,
    { readonly pull: Pull; readonly portable: ReturnType<typeof portableRow> }
  >();
  readonly #atWork: Int32Array;
  #pullsMade = 0;
  readonly #shapes = new ReceivedShapes();

  constructor(port: Port, data: EngineThreadData) {
    // The thread must not go on in a state that nobody knows; it ends, and its queries go on elsewhere.
    const onError = (error: Error) => {
      throw error;
    };
    this.#calls = new Calls(port, this.#handlers(), { revive: reviveTopicError, onError });
    this.#atWork = new Int32Array(data.atWork);
    const files = data.offsets && new FileReads(new SharedOffsets(data.offsets), systemClock, openReader);
    this.#topics = new ThreadTopics(this.#calls, new WatchFlags(data.flags), files);
    this.#engine = new Engine({
      topics: this.#topics,
      clock: systemClock,
      logger: new PortLogger((level, message, fields) => this.#calls.tell('log', { level, message, fields })),
      serviceId: data.serviceId,
      ...(data.stateRoot !== undefined && { state: { fs: osFileSystem, root: data.stateRoot } }),
      ...(data.spill && { spill: { ...data.spill, openDisk: openLmdbDiskMap } }),
      ...(data.hasSchemas && { schemaById: (id: number) => this.#calls.call('schema', id) }),
      turns: new RoundRobin((queryId) => {
        const handle = queryId === undefined ? 0 : (this.#handles.get(queryId) ?? 0);
        Atomics.store(this.#atWork, 0, handle);
      }),
    });
  }

  #handlers(): CallHandlers<EngineCalls> {
    return {
      ...ThreadTopics.handlers(() => this.#topics),
      start: async ({ handle, plan }) => {
        const query = await this.#engine.start(plan);
        const { key, value } = plan.sink.schema;
        return this.#add(handle, { query, columns: [...key, ...value], pace: undefined });
      },
      startTransient: async ({ handle, plan, isPaced }) => {
        const pace = isPaced ? new HelpingPace() : undefined;
        const query = await this.#engine.startTransient(plan, pace);
        const { key, value } = plan.root.schema;
        const snapshot = this.#add(handle, { query, columns: [...key, ...value], pace });
        this.#listen(handle);
        return snapshot;
      },
      listen: (handle) => this.#listen(handle),
      taken: (handle) => this.#queries.get(handle)?.pace?.taken(),
      stop: (handle) => this.#queries.get(handle)?.query.stop(),
      release: (handle) => this.#release(handle),
      pull: (asks) => answerAll(asks, (ask) => this.#pull(ask)),
      pullMore: (cursor) => this.#helping(cursor),
      pullClose: (cursor) => {
        this.#pulls.delete(cursor);
      },
      ping: () => {},
      stopAll: async () => {
        await this.#engine.stop();
        this.#topics.close();
      },
    };
  }

  #add(handle: number, running: Running): QuerySnapshot {
    this.#queries.set(handle, running);
    this.#handles.set(running.query.id, handle);
    running.query.observe(() => this.#calls.tell('progress', { handle, ...snapshotOf(running.query) }));
    return snapshotOf(running.query);
  }

  #listen(handle: number): void {
    const running = this.#queries.get(handle);
    if (!running) return;
    const { query, columns, pace } = running;
    const portable = portableRow(columns.map(({ type }) => type));
    query.subscribe((changes, positions) => {
      pace?.sent();
      const ready = portable
        ? changes.map((change) => ({
            ...change,
            key: portable(change.key),
            row: change.row && portable(change.row),
          }))
        : changes;
      this.#calls.tell('changes', { handle, changes: ready, positions: positions.map(plainPosition) });
    });
  }

  #release(handle: number): void {
    const query = this.#queries.get(handle)?.query;
    query?.release();
    this.#queries.delete(handle);
    if (query && this.#handles.get(query.id) === handle) this.#handles.delete(query.id);
  }

  async #pull({ handle, shape: sent, keys }: PullAsk): Promise<PulledHelping> {
    const shape = this.#shapes.receive(sent);
    const running = this.#queries.get(handle);
    if (!running) throw new Error(`the table of query ${handle} was released`);
    const pull = await running.query.pull({ kind: 'pull', shape, ...(keys && { keys }) });
    const portable = portableRow(shape.columns.map(({ type }) => type));
    const cursor = ++this.#pullsMade;
    this.#pulls.set(cursor, { pull, portable });
    return this.#helping(cursor);
  }

  #helping(cursor: number): PulledHelping {
    const open = this.#pulls.get(cursor);
    if (!open) return { rows: [], cursor: undefined };
    const { pull, portable } = open;
    const taken = pull.take();
    const rows = portable ? taken.map(portable) : taken;
    if (!pull.isDone) return { rows, cursor };
    this.#pulls.delete(cursor);
    return { rows, cursor: undefined };
  }
}

function snapshotOf(query: Query): QuerySnapshot {
  const { state, error, errors, retry, counters } = query;
  const positions = query.positions().map(plainPosition);
  return { state, error: error && carriedError(error), errors, retry, positions, counters };
}

function plainPosition({ topic, partition, offset }: Position): Position {
  return { topic, partition, offset };
}

/** One helping may be on its way while the reader takes another; then the query waits. */
const MOST_SENT = 2;

class HelpingPace implements Pace {
  #sent = 0;
  #room: Deferred | undefined;

  hold(): Promise<void> | undefined {
    if (this.#sent < MOST_SENT) return undefined;
    this.#room ??= new Deferred();
    return this.#room.promise;
  }

  sent(): void {
    this.#sent++;
  }

  taken(): void {
    this.#sent--;
    this.#room?.resolve();
    this.#room = undefined;
  }
}
