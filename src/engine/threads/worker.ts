// Where a thread with an engine begins; see EngineThread for who starts it.
import { thisThread } from '../../base/thread.ts';
import type { EngineThreadData } from './engine-calls.ts';
import { EngineWorker } from './engine-worker.ts';

const { port, data } = thisThread();
new EngineWorker(port, data as EngineThreadData);
