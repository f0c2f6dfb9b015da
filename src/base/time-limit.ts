import { type Context, createContext, Script } from 'node:vm';

/** Work that was ended because it took too long. */
export class TimeLimitError extends Error {
  constructor(limitMs: number) {
    super(`it took more than ${limitMs} ms`);
    this.name = 'TimeLimitError';
  }
}

interface Cell {
  work: (() => void) | undefined;
}

let room: { readonly cell: Context & Cell; readonly script: Script } | undefined;

/**
 * What synchronous work gives; throws a TimeLimitError when it takes longer, of this thread's processor time. It is ended
 * wherever it is, amid a regular expression too, and no `finally` of it runs: what it shares with others must be whole at
 * any time, so it must not load modules. On a busy machine it is perhaps begun again. A call takes about a quarter of a
 * millisecond, for the thread that watches.
 */
export function withTimeLimit<Result>(limitMs: number, work: () => Result): Result {
  const untilMs = threadCpuMs() + limitMs;
  for (;;) {
    try {
      return withinWallTime(limitMs, work);
    } catch (error) {
      // V8 looks at the wall's clock, by which a thread that waits for a processor is late through no fault of the work.
      if (!(error instanceof TimeLimitError) || threadCpuMs() >= untilMs) throw error;
    }
  }
}

function threadCpuMs(): number {
  // Node 22 may know the whole process only, which gives up sooner.
  const { user, system } = (process.threadCpuUsage ?? process.cpuUsage)();
  return (user + system) / 1000;
}

function withinWallTime<Result>(limitMs: number, work: () => Result): Result {
  // V8 ends work only where it has entered it through a script.
  room ??= { cell: createContext({ work: undefined }) as Context & Cell, script: new Script('work()') };
  let result: { readonly value: Result } | undefined;
  room.cell.work = () => {
    result = { value: work() };
  };
  try {
    room.script.runInContext(room.cell, { timeout: limitMs, displayErrors: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw new TimeLimitError(limitMs);
    throw error;
  } finally {
    room.cell.work = undefined;
  }
  return result!.value;
}
