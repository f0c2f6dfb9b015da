// Where a thread with an engine begins; see EngineThread for who starts it.
import { thisThread } from '../../base/thread.ts';
import { loadFunctions } from '../load-functions.ts';
import type { EngineThreadData } from './engine-calls.ts';
import { EngineWorker } from './engine-worker.ts';

const { port, data } = thisThread();
const threadData = data as EngineThreadData;
await loadFunctions(threadData.functions);
new EngineWorker(port, threadData);
