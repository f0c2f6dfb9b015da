// Loaded before each test file: ends its process when it takes far too long. The runner's own limits need the event loop
// of that process, which a test that spins or a hook that waits for ever does not give back.
import { Worker } from 'node:worker_threads';

const LIMIT_MS = 900_000;

const watch = `
  const { workerData: { file, pid, limitMs } } = require('node:worker_threads');
  setTimeout(() => {
    process._rawDebug(file + ' took more than ' + limitMs / 1000 + ' s and was ended');
    process.kill(pid, 'SIGKILL');
  }, limitMs);`;

const workerData = { file: process.argv[1], pid: process.pid, limitMs: LIMIT_MS };
new Worker(watch, { eval: true, execArgv: [], workerData }).unref();
