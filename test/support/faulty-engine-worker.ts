// A thread with an engine that can be made to fail: tests start it in place of src/engine/threads/worker.ts and tell it
// what to suffer over a channel of the name in MILLRACE_TEST_FAULTS.
import { BroadcastChannel } from 'node:worker_threads';
import { thisThread } from '../../src/base/thread.ts';
import type { EngineThreadData } from '../../src/engine/threads/engine-calls.ts';
import { EngineWorker } from '../../src/engine/threads/engine-worker.ts';

export type Fault =
  /** Stands still until the int32 is no longer 0. */
  { readonly kind: 'block'; readonly until: SharedArrayBuffer } | { readonly kind: 'die' };

const { port, data } = thisThread();
new EngineWorker(port, data as EngineThreadData);

const channel = new BroadcastChannel(process.env.MILLRACE_TEST_FAULTS as string);
channel.onmessage = (event) => {
  const fault = (event as { readonly data: Fault }).data;
  if (fault.kind === 'die') throw new Error('made to die');
  Atomics.wait(new Int32Array(fault.until), 0, 0);
};
channel.unref();
