#!/usr/bin/env node
// As a whole: a name that an older Node does not export would end the program before it can say so.
import * as nodeModule from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > 22 || (major === 22 && minor >= 22)) {
  // Keeps compiled (and, in a clone, type-stripped) modules between starts: half a second less to `ready`.
  nodeModule.enableCompileCache();
  // A sync occupies a thread of the pool, and syncs of different partitions share the disk's work. Before its first use.
  process.env.UV_THREADPOOL_SIZE ??= '16';
  const { runProgram } = await import('./program.ts');
  await runProgram(process.argv);
} else {
  process.stderr.write(`millrace: this is Node ${process.versions.node}; Node 22.22 or later is needed\n`);
  process.exitCode = 1;
}
