import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

const SCRIPT = new URL('../scripts/ensure-install.mjs', import.meta.url);

/** A clone with one package, and an npm that empties node_modules as `npm ci` does. */
async function clone(t: TestContext, { linked, stamp }: { linked: boolean; stamp?: string }) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-install-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const packages = join(folder, linked ? 'elsewhere' : 'node_modules');
  await Promise.all([mkdir(packages), mkdir(join(folder, 'scripts')), mkdir(join(folder, 'bin'))]);
  if (linked) await symlink(packages, join(folder, 'node_modules'));
  await copyFile(SCRIPT, join(folder, 'scripts/ensure-install.mjs'));
  await writeFile(join(folder, 'package-lock.json'), '{}');
  await writeFile(join(packages, 'a-package'), '');
  if (stamp !== undefined) await writeFile(join(packages, '.installed-lockfile'), stamp);
  await writeFile(join(folder, 'bin/npm'), '#!/bin/sh\nrm node_modules/*\n');
  await chmod(join(folder, 'bin/npm'), 0o755);
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'scripts/ensure-install.mjs')], {
    env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
    encoding: 'utf8',
  });
  return { status, stderr, packages: await readdir(packages) };
}

describe('scripts/ensure-install.mjs', () => {
  it('installs what the lockfile says, once', async (t) => {
    const fresh = await clone(t, { linked: false });
    assert.match(fresh.stderr, /installing/);
    assert.deepEqual(fresh.packages, ['.installed-lockfile']);
    const installed = await clone(t, { linked: false, stamp: '{}' });
    assert.equal(installed.stderr, '');
    assert.ok(installed.packages.includes('a-package'));
  });

  it('never empties a folder that node_modules only links to', async (t) => {
    const { status, stderr, packages } = await clone(t, { linked: true, stamp: 'another lockfile' });
    assert.equal(status, 0);
    assert.ok(packages.includes('a-package'));
    assert.match(stderr, /is a link/);
  });
});
