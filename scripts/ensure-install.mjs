// Runs before every npm script, on whatever Node the machine has (20 is enough): installs the
// dependencies, the project's own Node 24 among them, unless they are already those of the lockfile.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const stampFile = new URL('node_modules/.installed-lockfile', root);
const lockfile = readFileSync(new URL('package-lock.json', root), 'utf8');
const installed = existsSync(stampFile) ? readFileSync(stampFile, 'utf8') : '';

if (installed !== lockfile) {
  process.stderr.write('millrace: installing dependencies (npm ci) ...\n');
  // Standard output stays free for the program itself: `millrace serve` prints one line there.
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    process.stderr.write('millrace: npm ci failed; see the lines above\n');
    process.exit(npm.status ?? 1);
  }
  writeFileSync(stampFile, lockfile);
}
