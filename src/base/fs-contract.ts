import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileSystem } from './fs.ts';

/** What every FileSystem does; `makeRoot` gives a fresh one and an existing folder in it. */
export function testFileSystem(
  name: string,
  makeRoot: () => Promise<{ readonly fs: FileSystem; readonly root: string }>,
): void {
  const bytes = (text: string): Uint8Array => Buffer.from(text);
  const inRoot = (behaviour: string, run: (fs: FileSystem, root: string) => Promise<void>): void => {
    test(`${name}: ${behaviour}`, async () => {
      const { fs, root } = await makeRoot();
      await run(fs, root);
    });
  };

  async function write(fs: FileSystem, path: string, ...parts: string[]): Promise<void> {
    const file = await fs.open(path, { create: true });
    await file.write(parts.map(bytes), 0);
    await file.close();
  }

  async function content(fs: FileSystem, path: string): Promise<string> {
    const file = await fs.open(path, { create: false });
    const target = Buffer.alloc(await file.size());
    assert.equal(await file.read(target, 0), target.length);
    await file.close();
    return target.toString();
  }

  inRoot('opens a missing file only to create it', async (fs, root) => {
    await assert.rejects(fs.open(`${root}/a`, { create: false }), { code: 'ENOENT' });
    await write(fs, `${root}/a`, 'x');
    await (await fs.open(`${root}/a`, { create: true })).close();
    assert.equal(await content(fs, `${root}/a`), 'x');
    await assert.rejects(fs.open(`${root}/no/a`, { create: true }), { code: 'ENOENT' });
    await assert.rejects(fs.open(`${root}/a/b`, { create: true }), { code: 'ENOTDIR' });
    await assert.rejects(fs.open(root, { create: false }), { code: 'EISDIR' });
  });

  inRoot('writes buffers one after another at a position', async (fs, root) => {
    await write(fs, `${root}/a`, 'one', '', 'two', 'three');
    const file = await fs.open(`${root}/a`, { create: false });
    await file.write([], 3);
    await file.write([bytes('T'), bytes('WO')], 3);
    await file.close();
    assert.equal(await content(fs, `${root}/a`), 'oneTWOthree');
  });

  inRoot('writes more buffers than one system call takes', async (fs, root) => {
    const file = await fs.open(`${root}/a`, { create: true });
    const parts = Array.from({ length: 3000 }, (_, index) => bytes(`${index},`));
    await file.write(parts, 0);
    await file.close();
    assert.equal(await content(fs, `${root}/a`), Buffer.concat(parts).toString());
  });

  inRoot('reads short only at the end', async (fs, root) => {
    await write(fs, `${root}/a`, '0123456789');
    const file = await fs.open(`${root}/a`, { create: false });
    const target = Buffer.alloc(4);
    assert.deepEqual([await file.read(target, 2), target.toString()], [4, '2345']);
    assert.deepEqual([await file.read(target, 8), target.toString('utf8', 0, 2)], [2, '89']);
    assert.equal(await file.read(target, 10), 0);
    assert.equal(await file.read(target, 1000), 0);
    assert.equal(await file.read(Buffer.alloc(0), 0), 0);
    await file.close();
  });

  inRoot('reads into a part of a larger buffer', async (fs, root) => {
    await write(fs, `${root}/a`, 'abc');
    const file = await fs.open(`${root}/a`, { create: false });
    const whole = Buffer.from('.......');
    await file.read(whole.subarray(2, 5), 0);
    assert.equal(whole.toString(), '..abc..');
    await file.close();
  });

  inRoot('fills gaps and growth with zeros', async (fs, root) => {
    const file = await fs.open(`${root}/a`, { create: true });
    await file.write([bytes('secret')], 0);
    await file.truncate(1);
    await file.truncate(3);
    await file.write([bytes('x')], 5);
    await file.sync();
    assert.equal(await file.size(), 6);
    await file.close();
    assert.equal(await content(fs, `${root}/a`), 's\0\0\0\0x');
  });

  inRoot('refuses calls on a closed file, waits for those in flight', async (fs, root) => {
    const file = await fs.open(`${root}/a`, { create: true });
    // More than one system call, so that the close comes between two.
    const writing = file.write(new Array<Uint8Array>(4096).fill(new Uint8Array(256)), 0);
    await Promise.all([writing, file.close()]);
    await assert.rejects(file.write([bytes('x')], 0), { code: 'EBADF' });
    await assert.rejects(file.read(Buffer.alloc(1), 0), { code: 'EBADF' });
    await assert.rejects(file.sync(), { code: 'EBADF' });
    await file.close();
    const again = await fs.open(`${root}/a`, { create: false });
    assert.equal(await again.size(), 1 << 20);
    await again.close();
  });

  inRoot('lists names sorted, nothing for a missing folder', async (fs, root) => {
    await fs.makeDirectory(`${root}/d/e`);
    await fs.makeDirectory(`${root}/d`);
    for (const name of ['b', 'a', 'c']) await write(fs, `${root}/d/${name}`, name);
    assert.deepEqual(await fs.list(`${root}/d`), ['a', 'b', 'c', 'e']);
    assert.deepEqual(await fs.list(`${root}/missing`), []);
    await assert.rejects(fs.list(`${root}/d/a`), { code: 'ENOTDIR' });
    await assert.rejects(fs.makeDirectory(`${root}/d/a`), { code: 'EEXIST' });
  });

  inRoot('renames over an existing file', async (fs, root) => {
    await write(fs, `${root}/a`, 'new');
    await write(fs, `${root}/b`, 'old');
    await fs.rename(`${root}/a`, `${root}/b`);
    assert.equal(await content(fs, `${root}/b`), 'new');
    assert.deepEqual(await fs.list(root), ['b']);
    await fs.makeDirectory(`${root}/d`);
    await fs.rename(`${root}/b`, `${root}/d/c`);
    await fs.rename(`${root}/d`, `${root}/moved`);
    assert.equal(await content(fs, `${root}/moved/c`), 'new');
    await assert.rejects(fs.rename(`${root}/a`, `${root}/b`), { code: 'ENOENT' });
    await fs.syncDirectory(root);
  });

  inRoot('removes files and whole folders, present or not', async (fs, root) => {
    await fs.makeDirectory(`${root}/d/e`);
    await write(fs, `${root}/d/e/a`, 'x');
    await write(fs, `${root}/b`, 'x');
    await fs.remove(`${root}/d`);
    await fs.remove(`${root}/b`);
    await fs.remove(`${root}/b`);
    assert.deepEqual(await fs.list(root), []);
  });

  inRoot('keeps a removed file readable through an open handle', async (fs, root) => {
    await write(fs, `${root}/a`, 'still here');
    const file = await fs.open(`${root}/a`, { create: false });
    await fs.remove(`${root}/a`);
    const target = Buffer.alloc(10);
    await file.read(target, 0);
    assert.equal(target.toString(), 'still here');
    await file.close();
  });

  inRoot('syncs folders that exist', async (fs, root) => {
    await fs.syncDirectory(root);
    await assert.rejects(fs.syncDirectory(`${root}/missing`), { code: 'ENOENT' });
  });
}
