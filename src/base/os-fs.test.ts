import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { testFileSystem } from './fs-contract.ts';
import { osFileSystem } from './os-fs.ts';

const roots: string[] = [];

testFileSystem('os', async () => {
  const root = await mkdtemp(join(tmpdir(), 'millrace-fs-'));
  roots.push(root);
  return { fs: osFileSystem, root };
});

after(() => Promise.all(roots.map((root) => rm(root, { recursive: true, force: true }))));
