// The command in a clone. Plain JavaScript, because node takes the types out of the file it is started with before
// anything can turn its compile cache on: that alone loads a WebAssembly parser, 100 ms and 13 MB for seven lines.
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('../src/cli/main.ts');
