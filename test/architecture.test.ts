// The rules that keep the code in the shape docs/architecture.md describes. THINK before changing a rule to make
// a change fit: a new import between folders is a new dependency between subjects.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';

/** What each folder of src may import. `millrace.ts`, `cli/` and `testing/` may import all. */
const LAYERS: Record<string, readonly string[]> = {
  base: [],
  record: ['base'],
  data: ['base'],
  protocol: ['base'],
  log: ['base', 'record'],
  topics: ['base', 'record', 'log'],
  broker: ['base', 'record', 'protocol', 'log', 'topics'],
  serde: ['base', 'data'],
  registry: ['base', 'data', 'serde', 'topics'],
  sql: ['base', 'data'],
  engine: ['base', 'data', 'record', 'serde', 'sql', 'topics'],
  connect: ['base', 'data', 'serde', 'topics', 'engine'],
  http: ['base', 'data', 'serde', 'topics', 'sql', 'engine', 'registry'],
};
const MAY_IMPORT_ALL = new Set(['millrace.ts', 'cli', 'testing']);

/** Every runtime dependency with the reason it is there. */
const RUNTIME_DEPENDENCIES: Record<string, string> = {
  '@hono/node-server': 'runs Hono apps on node:http and node:http2',
  '@node-rs/crc32': 'hardware crc32c; zlib.crc32 is another polynomial',
  commander: 'command line parsing and help',
  hono: 'HTTP routing on web-standard requests',
  jose: 'JSON web tokens of OAUTHBEARER and the key sets that sign them; read only when that is enabled',
  lmdb: 'query state larger than memory: a B+tree in a file, read and written synchronously, prebuilt',
  'lz4-napi': 'lz4 frames, prebuilt without install scripts',
  snappy: 'snappy blocks, prebuilt without install scripts',
  protobufjs:
    'reads .proto files, and descriptors that Protobuf clients register instead; records are read by code of our own',
  re2js: 'RE2, the regular expressions of consumer group subscriptions: linear time, pure JavaScript',
  ws: 'WebSocket server',
  yaml: 'the configuration file',
};

/** Have an install script that only compiles where no prebuilt package fits; they work without it. */
const SCRIPTS_NOT_NEEDED = new Set(['node_modules/lmdb', 'node_modules/msgpackr-extract']);

/** Effects enter through base/; elsewhere these are mistakes. */
const EFFECTS =
  /\b(Date\.now|performance\.now|Math\.random)\(|\bnew Date\(\)|(?<![.\w])(setTimeout|setInterval)\(|from 'node:(fs|fs\/promises)'/;
const MAY_HAVE_EFFECTS = [/^src\/base\//, /^src\/cli\//, /^src\/testing\//];
const SOCKET_MODULES = /from 'node:(net|http|http2|tls)'/;
const MAY_HAVE_SOCKETS = [/^src\/base\//, /^src\/broker\/(server|connection)/, /^src\/http\//, /^src\/cli\//];

const MAX_LINES = 600;

/** What package.json exports: one place to import a caller's types from. */
const ENTRY_POINTS = new Set(['src/millrace.ts', 'src/testing/kit/test-millrace.ts']);

const sources = globSync('src/**/*.ts')
  .map((file) => file.replaceAll('\\', '/'))
  .sort();
const production = sources.filter((file) => !file.endsWith('.test.ts'));

function text(file: string): string {
  return readFileSync(file, 'utf8');
}

function folderOf(file: string): string {
  return file.split('/')[1] as string;
}

/** Relative imports and re-exports of a file, as paths from the root. */
function importsOf(file: string): string[] {
  const found = text(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g);
  return [...found].map(([, target]) =>
    normalize(join(dirname(file), target as string)).replaceAll('\\', '/'),
  );
}

describe('layers', () => {
  it('every folder of src is in the table', () => {
    const folders = new Set(production.map(folderOf));
    const unknown = [...folders].filter((folder) => !(folder in LAYERS) && !MAY_IMPORT_ALL.has(folder));
    assert.deepEqual(unknown, []);
  });

  it('docs/architecture.md has the same table', () => {
    const rows = text('docs/architecture.md').matchAll(/^\| `src\/([\w.]+)\/?` \|.*\| ([^|]*) \|$/gm);
    const documented = [...rows].map(([, folder, imports = '']) => [folder, imports.replace('-', '')]);
    const rules = Object.entries(LAYERS).map(([folder, imports]) => [folder, imports.join(' ')]);
    const free = [...MAY_IMPORT_ALL].map((folder) => [folder, 'all']);
    assert.deepEqual(Object.fromEntries(documented), Object.fromEntries([...rules, ...free]));
  });

  it('a folder imports only the folders it may', () => {
    const wrong: string[] = [];
    for (const file of production) {
      const from = folderOf(file);
      if (MAY_IMPORT_ALL.has(from)) continue;
      for (const target of importsOf(file)) {
        if (!target.startsWith('src/')) wrong.push(`${file} imports ${target}`);
        const to = folderOf(target);
        if (target.startsWith('src/') && to !== from && !LAYERS[from]?.includes(to))
          wrong.push(`${file} imports ${target}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('no two folders import each other', () => {
    const edges = new Set<string>();
    for (const file of production) {
      for (const target of importsOf(file)) edges.add(`${folderOf(file)} ${folderOf(target)}`);
    }
    const both = [...edges].filter((edge) => {
      const [from, to] = edge.split(' ') as [string, string];
      return from < to && edges.has(`${to} ${from}`);
    });
    assert.deepEqual(both, []);
  });

  it('effects enter through base/', () => {
    const wrong: string[] = [];
    for (const file of production) {
      const lines = text(file).split('\n');
      lines.forEach((line, index) => {
        const code = line.replace(/\/\/.*$/, '').replace(/^\s*\*.*$/, '');
        const effect = EFFECTS.test(code) && !MAY_HAVE_EFFECTS.some((allowed) => allowed.test(file));
        const socket = SOCKET_MODULES.test(code) && !MAY_HAVE_SOCKETS.some((allowed) => allowed.test(file));
        if (effect || (socket && !code.includes('import type')))
          wrong.push(`${file}:${index + 1} ${line.trim()}`);
      });
    }
    assert.deepEqual(wrong, []);
  });
});

describe('files', () => {
  it('hold one subject: no default exports, no barrels, no file over the limit', () => {
    const wrong: string[] = [];
    for (const file of sources) {
      if (file.endsWith('.gen.ts')) continue;
      const content = text(file);
      if (/^export default\b/m.test(content)) wrong.push(`${file}: default export`);
      if (/^export\s+(\*|(type\s+)?\{[^}]*\})\s+from\b/m.test(content) && !ENTRY_POINTS.has(file))
        wrong.push(`${file}: re-export`);
      const lines = content.split('\n').length;
      if (lines > MAX_LINES) wrong.push(`${file}: ${lines} lines, limit ${MAX_LINES}`);
    }
    assert.deepEqual(wrong, []);
  });

  it('have no any and silence no checker', () => {
    const wrong = sources.filter((file) =>
      /(:|\bas|<)\s*any\b|@ts-(ignore|nocheck|expect-error)/.test(stripComments(text(file))),
    );
    assert.deepEqual(wrong, []);
  });
});

function stripComments(content: string): string {
  return content.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/(?! @ts).*$/gm, '');
}

describe('a start', () => {
  /** All that is loaded before the first line of a file runs. */
  function loadedBy(file: string, found = new Set<string>()): Set<string> {
    if (found.has(file)) return found;
    found.add(file);
    const imports = text(file).matchAll(/^(?:import|export)\s+(?!type\b)(?:[^;']*?from )?'([^']+)'/gm);
    for (const [, target = ''] of imports)
      if (target.startsWith('.'))
        loadedBy(normalize(join(dirname(file), target)).replaceAll('\\', '/'), found);
      else found.add(target);
    return found;
  }

  it('waits for nothing that only statements, queries and requests need', () => {
    const later =
      /^src\/(sql\/(parser|planner|analyse|compile)|engine\/(compile|operators|store))\/|hono|^ws$/;
    const loaded = loadedBy('src/cli/serve.ts');
    assert.ok(loaded.has('src/broker/broker.ts'));
    assert.deepEqual(
      [...loaded].filter((file) => later.test(file)),
      [],
    );
  });
});

describe('dependencies', () => {
  const manifest = JSON.parse(text('package.json')) as { dependencies: Record<string, string> };

  it('are the listed ones', () => {
    assert.deepEqual(Object.keys(manifest.dependencies).sort(), Object.keys(RUNTIME_DEPENDENCIES).sort());
  });

  it('run no install scripts and name no registry host', () => {
    type Lock = {
      packages: Record<string, { hasInstallScript?: boolean; dev?: boolean; resolved?: string }>;
    };
    const lock = JSON.parse(text('package-lock.json')) as Lock;
    const scripts = Object.entries(lock.packages).filter(
      ([name, entry]) => entry.hasInstallScript && !entry.dev && !SCRIPTS_NOT_NEEDED.has(name),
    );
    assert.deepEqual(
      scripts.map(([name]) => name),
      [],
    );
    const hosts = Object.entries(lock.packages).filter(([, entry]) => entry.resolved?.startsWith('http'));
    assert.deepEqual(
      hosts.map(([name]) => name),
      [],
    );
  });
});

describe('documents', () => {
  const documents = ['README.md', 'CHANGELOG.md', ...globSync('docs/**/*.md')].map((file) =>
    file.replaceAll('\\', '/'),
  );

  it('name only files and symbols that exist', () => {
    const wrong: string[] = [];
    for (const document of documents) {
      for (const [, path, symbol] of text(document).matchAll(
        /`((?:src|test|bench|examples|scripts)\/[\w./-]+?)(?:#(\w+))?`/g,
      )) {
        const found = globSync(path as string);
        if (found.length === 0) wrong.push(`${document}: ${path}`);
        else if (symbol !== undefined && !new RegExp(`\\b${symbol}\\b`).test(text(path as string)))
          wrong.push(`${document}: ${path}#${symbol}`);
      }
    }
    assert.deepEqual(wrong, []);
  });

  it('keep a decision record to 40 lines', () => {
    const long = globSync('docs/decisions/*.md').filter(
      (file) => text(file).trimEnd().split('\n').length > 40,
    );
    assert.deepEqual(long, []);
  });
});
