import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';

const SCRIPT = new URL('../scripts/ensure-install.mjs', import.meta.url);

type Packages = Record<string, { version: string; integrity?: string; optional?: boolean }>;

const WANTED: Packages = {
  '': { version: '1.0.0' },
  'node_modules/a-package': { version: '2.0.0', integrity: 'sha512-a' },
  'node_modules/of-another-platform': { version: '3.0.0', optional: true },
};
const LOCKFILE = JSON.stringify({ packages: WANTED });

/** A clone with one package, and an npm that empties node_modules as `npm ci` does. */
async function clone(
  t: TestContext,
  { linked, stamp, present }: { linked: boolean; stamp?: string; present?: Packages },
) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-install-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const packages = join(folder, linked ? 'elsewhere' : 'node_modules');
  await Promise.all([mkdir(packages), mkdir(join(folder, 'scripts')), mkdir(join(folder, 'bin'))]);
  if (linked) await symlink(packages, join(folder, 'node_modules'));
  await copyFile(SCRIPT, join(folder, 'scripts/ensure-install.mjs'));
  await writeFile(join(folder, 'package-lock.json'), LOCKFILE);
  await writeFile(join(packages, 'a-package'), '');
  if (stamp !== undefined) await writeFile(join(packages, '.installed-lockfile'), stamp);
  if (present) await writeFile(join(packages, '.package-lock.json'), JSON.stringify({ packages: present }));
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
    const installed = await clone(t, { linked: false, stamp: LOCKFILE });
    assert.equal(installed.stderr, '');
    assert.ok(installed.packages.includes('a-package'));
  });

  it('leaves alone what npm ci has installed by hand, if it is what the lockfile says', async (t) => {
    const { 'node_modules/a-package': present = { version: '' } } = WANTED;
    const byHand = await clone(t, { linked: false, present: { 'node_modules/a-package': present } });
    assert.equal(byHand.stderr, '');
    assert.ok(byHand.packages.includes('a-package'));
    assert.ok(byHand.packages.includes('.installed-lockfile'));
    for (const other of [
      {},
      { 'node_modules/a-package': { ...present, version: '2.0.1' } },
      { 'node_modules/a-package': present, 'node_modules/left-over': present },
    ])
      assert.match((await clone(t, { linked: false, present: other })).stderr, /installing/);
  });

  it('never empties a folder that node_modules only links to', async (t) => {
    const { status, stderr, packages } = await clone(t, { linked: true, stamp: 'another lockfile' });
    assert.equal(status, 0);
    assert.ok(packages.includes('a-package'));
    assert.match(stderr, /is a link/);
  });
});
