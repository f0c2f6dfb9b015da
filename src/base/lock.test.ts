import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { acquireLock, acquirePidFileLock, LockHeldError } from './lock.ts';

let root = '';
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-lock-'));
});
after(() => rm(root, { recursive: true, force: true }));

const kinds = [
  ['of this platform', acquireLock],
  ['by pid file', acquirePidFileLock],
] as const;

for (const [kind, acquire] of kinds) {
  test(`lock ${kind}: held once until released, and says by whom`, async () => {
    const lock = await acquire(root);
    await assert.rejects(acquire(root), (error) => {
      assert.ok(error instanceof LockHeldError);
      assert.equal(error.message, `${root} is in use by process ${process.pid}`);
      return true;
    });
    await lock.release();
    await (await acquire(root)).release();
  });
}

test('a link to the folder is the same folder', async () => {
  const link = `${root}-link`;
  await symlink(root, link);
  const lock = await acquireLock(root);
  await assert.rejects(acquireLock(link), LockHeldError);
  await lock.release();
  await rm(link);
});

test('a missing folder cannot be locked', async () => {
  await assert.rejects(acquireLock(join(root, 'missing')), { code: 'ENOENT' });
});

test('kill -9 frees the lock', async () => {
  const script = `import { acquireLock } from ${JSON.stringify(new URL('./lock.ts', import.meta.url).href)};
    await acquireLock(${JSON.stringify(root)}); console.log('held'); process.stdin.resume();`;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script]);
  await once(owner.stdout, 'data');
  await assert.rejects(acquireLock(root), new RegExp(`process ${owner.pid}`));
  owner.kill('SIGKILL');
  await once(owner, 'exit');
  await (await acquireLock(root)).release();
});

test('a pid file of a dead or unknown process is taken over', async () => {
  for (const content of ['999999999', '', 'garbage']) {
    await writeFile(join(root, '.lock'), content);
    await (await acquirePidFileLock(root)).release();
  }
});
