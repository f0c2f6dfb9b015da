// Runs before every npm script, on whatever Node the machine has (20 is enough): installs the
// dependencies, the project's own Node 24 among them, unless they are already those of the lockfile.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, writeFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);
const stampFile = new URL('node_modules/.installed-lockfile', root);
const lockfile = readFileSync(new URL('package-lock.json', root), 'utf8');
const isStamped = existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockfile;

// `npm ci` begins by emptying node_modules, and would do so in the folder that a link leads to.
const isLink = lstatSync(new URL('node_modules', root), { throwIfNoEntry: false })?.isSymbolicLink() ?? false;

/** Whether somebody has run npm ci by hand: npm keeps a list of what it has put here, written when it is done. */
function isListedAsInstalled() {
  const listFile = new URL('node_modules/.package-lock.json', root);
  if (!existsSync(listFile)) return false;
  const { packages: present = {} } = JSON.parse(readFileSync(listFile, 'utf8'));
  const { packages: wanted = {} } = JSON.parse(lockfile);
  const isRight = (name) =>
    present[name]?.version === wanted[name]?.version && present[name]?.integrity === wanted[name]?.integrity;
  // Optional ones are those of other platforms.
  const isNeeded = (name) => name !== '' && !wanted[name].optional && !wanted[name].devOptional;
  return Object.keys(present).every(isRight) && Object.keys(wanted).filter(isNeeded).every(isRight);
}

if (isStamped) {
  // As it is in every start but the first.
} else if (isListedAsInstalled()) {
  if (!isLink) writeFileSync(stampFile, lockfile);
} else if (isLink) {
  process.stderr.write(
    'millrace: node_modules is a link and its packages may not be those of package-lock.json: nothing was installed.\n' +
      'millrace: run npm ci where the link leads to, or remove the link for an installation of its own\n',
  );
} else {
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
