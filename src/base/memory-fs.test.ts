import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FileSystem } from './fs.ts';
import { testFileSystem } from './fs-contract.ts';
import { type CrashOptions, MemoryFileSystem } from './memory-fs.ts';
import { SeededRandom } from './seeded-random.ts';

testFileSystem('memory', async () => {
  const fs = new MemoryFileSystem();
  await fs.makeDirectory('/root');
  return { fs, root: '/root' };
});

const SYNCED: CrashOptions = { keep: 'synced' };
const KILLED: CrashOptions = { keep: 'all' };

async function content(fs: FileSystem, path: string): Promise<string> {
  const file = await fs.open(path, { create: false });
  const target = Buffer.alloc(await file.size());
  await file.read(target, 0);
  return target.toString();
}

async function fileWith(fs: MemoryFileSystem, path: string, synced: string) {
  const file = await fs.open(path, { create: true });
  await file.write([Buffer.from(synced)], 0);
  await file.sync();
  await fs.syncDirectory('/');
  return file;
}

test('a power cut drops what was not synced, a kill does not', async () => {
  const fs = new MemoryFileSystem();
  const file = await fileWith(fs, '/a', 'kept');
  await file.write([Buffer.from(' lost')], 4);
  assert.equal(await content(fs.crash(SYNCED), '/a'), 'kept');
  const killed = fs.crash(KILLED);
  assert.equal(await content(killed, '/a'), 'kept lost');
  assert.equal(await content(killed.crash(SYNCED), '/a'), 'kept', 'a kill syncs nothing');
});

test('a power cut undoes names that no folder sync made durable', async () => {
  const fs = new MemoryFileSystem();
  await fileWith(fs, '/old', 'old');
  await fileWith(fs, '/other', 'other');
  await (await fs.open('/created', { create: true })).sync();
  await fs.rename('/old', '/new');
  await fs.remove('/other');
  await fs.makeDirectory('/d');
  assert.deepEqual(await fs.crash(SYNCED).list('/'), ['old', 'other']);
  assert.deepEqual(await fs.crash(KILLED).list('/'), ['created', 'd', 'new']);
});

test('a synced rename between folders cannot be undone by older changes', async () => {
  const fs = new MemoryFileSystem();
  await fs.makeDirectory('/from');
  await fs.makeDirectory('/to');
  await fs.syncDirectory('/');
  await fs.open('/from/a', { create: true });
  await fs.rename('/from/a', '/to/a');
  await fs.syncDirectory('/to');
  await fs.syncDirectory('/from');
  const restarted = fs.crash(SYNCED);
  assert.deepEqual([await restarted.list('/from'), await restarted.list('/to')], [[], ['a']]);
});

test('old handles fail after a crash, the same moment can be asked twice', async () => {
  const fs = new MemoryFileSystem();
  const file = await fileWith(fs, '/a', 'a');
  const first = fs.crash(KILLED);
  await assert.rejects(file.write([Buffer.from('b')], 0), { code: 'EIO' });
  await assert.rejects(fs.list('/'), { code: 'EIO' });
  await (await first.open('/a', { create: false })).write([Buffer.from('changed')], 0);
  assert.equal(await content(fs.crash(KILLED), '/a'), 'a');
});

const tears = [
  { tornTail: 'bytes', allowed: /^s{512}n{0,1500}$/ },
  { tornTail: 'sector', allowed: /^s{512}(n{512})*$|^s{512}n{1500}$/ },
  { tornTail: 'zeros', allowed: /^s{512}(n{512})*\0*$/ },
] as const;
for (const { tornTail, allowed } of tears) {
  test(`the last write may be torn: ${tornTail}`, async () => {
    const fs = new MemoryFileSystem();
    const file = await fileWith(fs, '/a', 's'.repeat(512));
    await file.write([Buffer.alloc(1500, 'n')], 512);
    const seen = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const crashed = fs.crash({ keep: 'random', random: new SeededRandom(seed), tornTail });
      const left = await content(crashed, '/a');
      assert.match(left, allowed);
      seen.add(left);
    }
    assert.ok(seen.size >= 3, `only ${seen.size} outcomes`);
  });
}

test('random survivors are a subset: later writes may outlive earlier ones', async () => {
  const fs = new MemoryFileSystem();
  const file = await fileWith(fs, '/a', '..');
  await file.write([Buffer.from('1')], 0);
  await file.write([Buffer.from('2')], 1);
  const seen = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    seen.add(await content(fs.crash({ keep: 'random', random: new SeededRandom(seed) }), '/a'));
  }
  assert.ok(['..', '1.', '.2', '12'].every((outcome) => seen.has(outcome)));
});

test('a write that meets a full disk leaves a prefix', async () => {
  const fs = new MemoryFileSystem();
  const file = await fileWith(fs, '/a', '');
  fs.failNext('write', 'ENOSPC', { afterBytes: 4, times: 2 });
  await assert.rejects(file.write([Buffer.from('abc'), Buffer.from('def')], 0), { code: 'ENOSPC' });
  assert.equal(await content(fs, '/a'), 'abcd');
  await assert.rejects(file.write([Buffer.from('x')], 0), { code: 'ENOSPC' });
  await file.write([Buffer.from('x')], 0);
  const own = new Error('mine');
  fs.failNext('open', own);
  await assert.rejects(fs.open('/a', { create: false }), own);
});

test('a sync after a failed one does not bring the lost writes to disk', async () => {
  const fs = new MemoryFileSystem();
  const file = await fileWith(fs, '/a', '....');
  await file.write([Buffer.from('ab')], 0);
  fs.failNext('sync', 'EIO');
  await assert.rejects(file.sync(), { code: 'EIO' });
  await file.write([Buffer.from('c')], 2);
  await file.sync();
  assert.equal(await content(fs, '/a'), 'abc.', 'programs still read the page cache');
  assert.equal(await content(fs.crash(SYNCED), '/a'), '..c.');
});

test('a crash can be tried at every call', async () => {
  const sets = [];
  for (let call = 1; ; call++) {
    const fs = new MemoryFileSystem();
    fs.crashAtCall(call);
    const replaceFile = async (): Promise<void> => {
      for (const text of ['1', '2']) {
        const file = await fs.open('/a.tmp', { create: true });
        await file.write([Buffer.from(text)], 0);
        await file.sync();
        await file.close();
        await fs.rename('/a.tmp', '/a');
        await fs.syncDirectory('/');
      }
    };
    await replaceFile().catch(() => {});
    if (!fs.crashed) break;
    assert.equal(fs.callCount, call);
    const restarted = fs.crash(SYNCED);
    const names = await restarted.list('/');
    sets.push(names.includes('a') ? await content(restarted, '/a') : '-');
  }
  assert.deepEqual(sets.join(''), '------111111');
});

test('removing a folder may be half done after a crash', async () => {
  const fs = new MemoryFileSystem();
  await fs.makeDirectory('/d');
  for (const name of ['a', 'b']) await fs.open(`/d/${name}`, { create: true });
  await fs.syncDirectory('/');
  await fs.syncDirectory('/d');
  await fs.remove('/d');
  const seen = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const restarted = fs.crash({ keep: 'random', random: new SeededRandom(seed) });
    seen.add((await restarted.list('/d')).join());
  }
  assert.deepEqual([...seen].sort(), ['', 'a', 'a,b', 'b']);
});

test('onCall sees each call before it happens', async () => {
  const fs = new MemoryFileSystem();
  const calls: string[] = [];
  fs.onCall = ({ operation, path, number }) => calls.push(`${number} ${operation} ${path}`);
  await (await fs.open('/a', { create: true })).write([Buffer.from('x')], 0);
  assert.deepEqual(calls, ['1 open /a', '2 write /a']);
});

test('synced bytes survive any crash after any later changes', async () => {
  const change = fc.record({ at: fc.nat(2000), length: fc.nat(2000), sync: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 12 }), fc.integer(), async (changes, seed) => {
      const fs = new MemoryFileSystem();
      const file = await fileWith(fs, '/a', 'durable head');
      for (const { at, length, sync } of changes) {
        await file.write([Buffer.alloc(length, 'x')], 12 + at);
        if (sync) await file.sync();
      }
      const live = await content(fs, '/a');
      const restarted = fs.crash({ keep: 'random', random: new SeededRandom(seed) });
      const left = await content(restarted, '/a');
      assert.ok(left.startsWith('durable head'));
      assert.ok(left.length <= live.length);
      if (changes.at(-1)?.sync ?? true) assert.equal(left, live);
    }),
    { numRuns: 200 },
  );
});
