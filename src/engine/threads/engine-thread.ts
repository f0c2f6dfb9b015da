import { type Caller, type CallHandlers, Calls } from '../../base/calls.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { osFileSystem } from '../../base/os-fs.ts';
import { besideModule, startThread, type Thread } from '../../base/thread.ts';
import type { SchemaById } from '../../serde/schemas.ts';
import type { PlannedOf } from '../../sql/planned.ts';
import type { PlaceFinder } from '../../topics/threads/file-place.ts';
import { reviveTopicError } from '../../topics/threads/topics-calls.ts';
import { TopicsServer } from '../../topics/threads/topics-server.ts';
import { WatchFlags } from '../../topics/threads/watch-flags.ts';
import type { Position, Topics } from '../../topics/topics.ts';
import type { OutputChange } from '../running-query.ts';
import type {
  EngineCalls,
  EngineThreadData,
  HostCalls,
  PullAsk,
  PulledHelping,
  QuerySnapshot,
} from './engine-calls.ts';
import { Gathered } from './gathered.ts';
import { SentShapes } from './pull-shapes.ts';
import { ThreadPull } from './thread-pull.ts';

export interface EngineThreadOptions {
  readonly topics: Topics;
  /** Lets threads read segment files by themselves. */
  readonly places: PlaceFinder | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly serviceId: string;
  readonly stateRoot: string | undefined;
  /** Each thread has a folder of its own in it. */
  readonly spillRoot: string | undefined;
  readonly stateMemoryBytes: number | undefined;
  readonly heapMb: number | undefined;
  /** Modules with functions of the user's own. */
  readonly functions?: readonly string[] | undefined;
  /** The registry of the schemas that records name. */
  readonly schemaById?: SchemaById | undefined;
  /** The module a thread begins with; for tests. */
  readonly entry: URL | undefined;
}

/** What a thread tells about one of its queries. */
export interface QueryWatcher {
  onProgress(snapshot: QuerySnapshot): void;
  onChanges(changes: readonly OutputChange[], positions: readonly Position[]): void;
  onThreadEnd(error: ThreadEnded): void;
}

/** The thread a query was in is gone, and what it had not committed with it. */
export class ThreadEnded extends Error {
  /** Handles of the queries that may have been the cause; undefined: nobody knows. */
  readonly suspects: ReadonlySet<number> | undefined;

  constructor(cause: Error | undefined, suspects: ReadonlySet<number> | undefined) {
    super(`The thread that the query ran in has ended: ${cause?.message ?? 'it was stopped'}`, { cause });
    this.name = 'ThreadEnded';
    this.suspects = suspects;
  }
}

/** What is left of the five seconds of a clean stop belongs to the log. */
const LONGEST_SILENCE_MS = 2_500;

let handlesGiven = 0;
let foldersGiven = 0;

/**
 * A thread with an engine, as the main thread sees it.
 *
 *   queries of the service ──EngineCalls──> EngineWorker
 *   log and coordinators <──TopicsCalls──── its tasks          (TopicsServer)
 */
export class EngineThread {
  readonly #options: EngineThreadOptions;
  readonly #spillFolder: string | undefined;
  readonly #thread: Thread;
  readonly #calls: Calls<EngineCalls, HostCalls>;
  readonly #server: TopicsServer;
  readonly #watchers = new Map<number, QueryWatcher>();
  readonly #starting = new Set<number>();
  readonly #shapes = new SentShapes();
  readonly #pulls = new Gathered<PullAsk, PulledHelping>(
    (asks) => this.#calls.call('pull', asks),
    reviveTopicError,
  );
  readonly #atWork = new Int32Array(new SharedArrayBuffer(4));
  #reason: Error | undefined;
  /** Resolves when it has ended and nothing of it is on its way to the log. */
  readonly ended: Promise<void>;

  constructor(options: EngineThreadOptions) {
    this.#options = options;
    const { spillRoot } = options;
    const folder = spillRoot === undefined ? undefined : `${spillRoot}/${++foldersGiven}`;
    this.#spillFolder = folder;
    const flags = new WatchFlags();
    const data: EngineThreadData = {
      serviceId: options.serviceId,
      stateRoot: options.stateRoot,
      spill: folder === undefined ? undefined : { folder, memoryBytes: options.stateMemoryBytes },
      offsets: options.places?.offsets.memory,
      hasSchemas: options.schemaById !== undefined,
      flags: flags.memory,
      atWork: this.#atWork.buffer as SharedArrayBuffer,
      functions: options.functions ?? [],
    };
    const entry = options.entry ?? besideModule('worker', import.meta.url);
    this.#thread = startThread({ entry, data, heapMb: options.heapMb });
    this.#server = new TopicsServer({
      topics: options.topics,
      places: options.places,
      flags,
      advanced: (watches) => this.#calls.tell('advanced', watches),
    });
    this.#calls = new Calls(this.#thread.port, this.#handlers(), {
      revive: reviveTopicError,
      onError: (error) =>
        options.logger.error('a message of an engine thread failed', { reason: error.message }),
    });
    this.ended = this.#thread.ended.then((failure) => this.#end(failure));
  }

  /** Of queries, running or with a table that is still read. */
  get load(): number {
    return this.#watchers.size;
  }

  /** Gives the query a handle and starts it with that. Rejects with {@link ThreadEnded} when the thread ends first. */
  async start(
    watcher: QueryWatcher,
    begin: (calls: Caller<EngineCalls>, handle: number) => Promise<QuerySnapshot>,
  ): Promise<QuerySnapshot> {
    const handle = ++handlesGiven;
    this.#watchers.set(handle, watcher);
    this.#starting.add(handle);
    try {
      return await begin(this.#calls, handle);
    } catch (error) {
      this.#watchers.delete(handle);
      throw error;
    } finally {
      this.#starting.delete(handle);
    }
  }

  get calls(): Caller<EngineCalls> {
    return this.#calls;
  }

  /** Resolves when the query has stopped; a thread that does not listen any more is ended, which stops it too. */
  async stopQuery(handle: number): Promise<void> {
    await this.#orEnd(this.#calls.call('stop', handle));
  }

  async pull(handle: number, { shape, keys }: PlannedOf<'pull'>): Promise<ThreadPull> {
    const ask = { handle, shape: this.#shapes.send(shape), ...(keys && { keys }) };
    return new ThreadPull(this.#calls, await this.#pulls.ask(ask));
  }

  release(handle: number): void {
    this.#watchers.delete(handle);
    this.#calls.tell('release', handle);
  }

  /** Ends queries at a commit, then the thread. */
  async stop(): Promise<void> {
    await this.#orEnd(this.#calls.call('stopAll', undefined));
    await this.#terminate(new Error('it was stopped'));
  }

  /** Waits for work that may take its time, as long as the thread answers at all. */
  async #orEnd(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const done = work
      .catch((error: Error) => {
        if (!(error instanceof ThreadEnded)) throw error;
      })
      .finally(() => {
        isDone = true;
      });
    while (!isDone) {
      let isHeard = false;
      const heard = () => {
        isHeard = true;
      };
      this.#calls.call('ping', undefined).then(heard, heard);
      await Promise.race([done, sleep(this.#options.clock, LONGEST_SILENCE_MS)]);
      if (!isDone && !isHeard)
        await this.#terminate(new Error(`it did not answer for ${LONGEST_SILENCE_MS} ms`));
    }
    await done;
  }

  async #terminate(reason: Error): Promise<void> {
    this.#reason ??= reason;
    await this.#thread.terminate();
    await this.ended;
  }

  /** Nobody may go on where this thread was before its last commit is settled. */
  async #end(failure: Error | undefined): Promise<void> {
    await this.#server.close();
    const error = new ThreadEnded(this.#reason ?? failure, this.#suspects());
    const running = [...this.#watchers].filter(([handle]) => !this.#starting.has(handle));
    this.#calls.end(error);
    for (const [, watcher] of running) watcher.onThreadEnd(error);
    this.#watchers.clear();
    await this.#removeSpilled();
  }

  /** What a thread leaves that did not end by itself. */
  async #removeSpilled(): Promise<void> {
    try {
      if (this.#spillFolder !== undefined) await osFileSystem.remove(this.#spillFolder);
    } catch (error) {
      const { message } = error as Error;
      this.#options.logger.warn('a folder of an engine thread could not be removed', { reason: message });
    }
  }

  #suspects(): ReadonlySet<number> | undefined {
    const atWork = Atomics.load(this.#atWork, 0);
    if (this.#watchers.has(atWork)) return new Set([atWork]);
    return this.#starting.size > 0 ? new Set(this.#starting) : undefined;
  }

  #handlers(): CallHandlers<HostCalls> {
    return {
      ...this.#server.handlers,
      progress: ({ handle, ...snapshot }) => this.#watchers.get(handle)?.onProgress(snapshot),
      changes: ({ handle, changes, positions }) => this.#watchers.get(handle)?.onChanges(changes, positions),
      schema: (id) => this.#options.schemaById?.(id),
      log: ({ level, message, fields }) => this.#options.logger[level](message, fields),
    };
  }
}
