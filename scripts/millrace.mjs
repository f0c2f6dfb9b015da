// The command in a clone. Plain JavaScript, because node takes the types out of the file it is started with before
// anything can turn its compile cache on: that alone loads a WebAssembly parser, 100 ms and 13 MB for seven lines.
import * as nodeModule from 'node:module';

if (nodeModule.enableCompileCache) {
  nodeModule.enableCompileCache();
  await import('../src/cli/main.ts');
} else {
  process.stderr.write(
    `millrace: this is Node ${process.versions.node}, too old for it: npm run millrace -- ... takes the project's own\n`,
  );
  process.exitCode = 1;
}
