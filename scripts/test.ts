// Runs the tests and ends with one plain line of counts.
//   npm test            everything beside its source and the quick ones under test/
//   npm run test:all    also what needs real clients, a browser, Java or time (see `isLong`)
// Further arguments are file name filters: `npm test -- src/log`.
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const all = process.argv.includes('--all');
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

const files = globSync([
  'src/**/*.test.ts',
  'test/**/*.test.ts',
  'examples/**/*.test.ts',
  'bench/**/*.test.ts',
])
  .sort()
  .filter((file) => all || !isLong(file))
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));

/** Real foreign clients, browsers and long loops: minutes rather than seconds. */
function isLong(file: string): boolean {
  return (
    file.startsWith('test/conformance/') || file.startsWith('test/crash/') || file.includes('.browser.test.')
  );
}

if (files.length === 0) {
  console.error(`no test file matches ${filters.join(' ')}`);
  process.exit(1);
}

const counts = { passed: 0, failed: 0, skipped: 0 };
const stream = run({
  files,
  concurrency: Math.max(2, availableParallelism()),
  timeout: 300_000,
  // A failed test may leave servers and sockets open; without this its file would never end, nor would the run.
  forceExit: true,
  execArgv: ['--import', new URL('./end-overdue-test.ts', import.meta.url).href],
});
stream.on('test:pass', (event) => {
  if (event.details.type === 'suite') return;
  if (event.skip !== undefined || event.todo !== undefined) counts.skipped++;
  else counts.passed++;
});
stream.on('test:fail', (event) => {
  if (event.details.type !== 'suite') counts.failed++;
});
stream.on('end', () => {
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
});
const report = stream.compose(new spec());
report.pipe(process.stdout, { end: false });
report.on('end', () => {
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
});
