// What the published package exports is in it, and needs nothing that is not installed with it.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const build = JSON.parse(readFileSync('tsconfig.build.json', 'utf8')) as {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
};
const excluded = new Set(globSync([...build.exclude]).map((file) => file.replaceAll('\\', '/')));

const entries = [
  ...Object.values(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [] : [target.default],
  ),
  ...Object.values(manifest.bin),
];

/** The source that the compiler makes a file of `dist/` from. */
function sourceOf(built: string): string {
  return normalize(built)
    .replace(/^dist\//, '')
    .replace(/\.js$/, '.ts');
}

/** Everything an entry point loads: our files and the names of packages. */
function reachable(entry: string, found = new Set<string>()): Set<string> {
  if (found.has(entry)) return found;
  found.add(entry);
  const text = readFileSync(entry, 'utf8').replaceAll(/^(import|export) type .*$/gm, '');
  for (const [, named, called] of text.matchAll(
    /^(?:import|export)\b[^;=]*? from '([^']+)';|\bimport\('([^'$]+)'\)/gm,
  )) {
    const target = String(named ?? called);
    if (target.startsWith('.')) reachable(normalize(join(dirname(entry), target)), found);
    else found.add(target);
  }
  return found;
}

describe('the package', () => {
  it('has what it exports', () => {
    assert.ok(manifest.files.includes('dist'));
    for (const entry of entries) {
      const source = sourceOf(entry);
      assert.ok(existsSync(source), `${entry} is made from ${source}`);
      assert.ok(!excluded.has(source), `${source} is left out of the build`);
    }
    for (const target of Object.values(manifest.exports))
      if (typeof target !== 'string') assert.equal(target.types.replace(/\.d\.ts$/, '.js'), target.default);
  });

  it('loads only its dependencies, and no test runner', () => {
    for (const entry of entries) {
      const packages = [...reachable(sourceOf(entry))]
        .filter((name) => !name.endsWith('.ts') && !name.startsWith('node:'))
        .map((name) =>
          name
            .split('/')
            .slice(0, name.startsWith('@') ? 2 : 1)
            .join('/'),
        );
      const missing = packages.filter((name) => !(name in manifest.dependencies));
      assert.deepEqual(missing, [], entry);
      assert.ok(!reachable(sourceOf(entry)).has('node:test'), `${entry} works in any test runner`);
    }
  });
});
