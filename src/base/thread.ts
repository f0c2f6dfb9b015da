import { getCompileCacheDir } from 'node:module';
import { availableParallelism } from 'node:os';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { type Port, portOf } from './port.ts';

/** Another thread of this process, with a heap of its own. */
export interface Thread {
  readonly port: Port;
  /** Resolves when it is gone: with why, if it ended by itself. */
  readonly ended: Promise<Error | undefined>;
  terminate(): Promise<void>;
}

export interface ThreadOptions {
  /** A module of this program, named beside the caller: `import.meta.resolve` of it without its extension. */
  readonly entry: URL;
  readonly data: unknown;
  /** Heap beyond which the thread ends with an error; V8's own limit unless given. */
  readonly heapMb?: number | undefined;
}

/** How many threads run at the same time here. */
export const processorCount = availableParallelism();

// In JavaScript, because the compile cache must be on before the first module that has types to be taken out.
const BOOTSTRAP = `
  const { workerData: { entry, cacheFolder } } = require('node:worker_threads');
  if (cacheFolder) require('node:module').enableCompileCache(cacheFolder);
  import(entry);
`;

export function startThread({ entry, data, heapMb }: ThreadOptions): Thread {
  const worker = new Worker(BOOTSTRAP, {
    eval: true,
    workerData: { entry: entry.href, cacheFolder: getCompileCacheDir(), data },
    ...(heapMb !== undefined && { resourceLimits: { maxOldGenerationSizeMb: heapMb } }),
  });
  const ended = new Promise<Error | undefined>((resolve) => {
    let failure: Error | undefined;
    worker.on('error', (error) => {
      failure ??= error instanceof Error ? error : new Error(String(error));
    });
    worker.once('exit', (code) =>
      resolve(failure ?? (code === 0 ? undefined : new Error(`exit code ${code}`))),
    );
  });
  return {
    port: portOf(worker),
    ended,
    terminate: () => worker.terminate().then(() => {}),
  };
}

/** What a thread was started with, and its way to whoever started it. */
export function thisThread(): { readonly port: Port; readonly data: unknown } {
  if (parentPort === null) throw new Error('this module runs in a thread of its own');
  return { port: portOf(parentPort), data: (workerData as { readonly data: unknown }).data };
}

/** The URL of a module that lies beside another: in a clone a .ts file, in the package the .js made from it. */
export function besideModule(name: string, importMetaUrl: string): URL {
  const extension = importMetaUrl.endsWith('.ts') ? '.ts' : '.js';
  return new URL(`./${name}${extension}`, importMetaUrl);
}
