import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { locate, pagesApp } from './pages.ts';

describe('where pages lie', () => {
  const pages = { '/': new URL('file:///site/index.html'), '/web': new URL('file:///site/web/') };
  const cases: [path: string, file: string | undefined][] = [
    ['/', '/site/index.html'],
    ['/web/a.css', '/site/web/a.css'],
    ['/web/deep/b.ts', '/site/web/deep/b.ts'],
    ['/web/a%20b.css', '/site/web/a b.css'],
    ['/other', undefined],
    ['/web', undefined],
    ['/web/../index.html', undefined],
    ['/web/%2e%2e/secret.txt', undefined],
    ['/web/..%2fsecret.txt', undefined],
    ['/web/a%00.css', undefined],
    ['/web/a%5c..%5cb.css', undefined],
    ['/web/.env', undefined],
    ['/web/%', undefined],
    ['/web//etc/passwd', undefined],
  ];
  for (const [path, file] of cases)
    it(`${path} -> ${file ?? 'nothing'}`, () => {
      assert.equal(locate(pages, path), file);
    });
});

describe('serving pages', () => {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-pages-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('strips types without a warning that users can do nothing about', async (t) => {
    const warned = t.mock.method(process, 'emitWarning', () => {});
    await writeFile(join(folder, 'quiet.ts'), 'const a: number = 1;');
    const app = pagesApp({ '/app': pathToFileURL(`${folder}/`) });
    const answer = await app.request('/app/quiet.ts');
    assert.equal((await answer.text()).trim(), 'const a         = 1;');
    assert.equal(warned.mock.callCount(), 0);
  });

  it('strips types, answers 304 while unchanged, and follows changes', async () => {
    const app = pagesApp({ '/app': pathToFileURL(`${folder}/`) });
    await writeFile(join(folder, 'main.ts'), 'export const one: number = 1;\n');
    const first = await app.request('/app/main.ts');
    assert.equal(first.headers.get('content-type'), 'text/javascript; charset=utf-8');
    assert.equal((await first.text()).replaceAll(/\s+/g, ' '), 'export const one = 1; ');
    const etag = first.headers.get('etag') ?? '';
    const unchanged = await app.request('/app/main.ts', { headers: { 'if-none-match': etag } });
    assert.equal(unchanged.status, 304);
    await writeFile(join(folder, 'main.ts'), 'export const two = 2;\n');
    const changed = await app.request('/app/main.ts', { headers: { 'if-none-match': etag } });
    assert.match(await changed.text(), /two/);
  });

  it('has nothing to say about files that are missing or of no known type', async () => {
    const app = pagesApp({ '/app': pathToFileURL(`${folder}/`) });
    await writeFile(join(folder, 'data.bin'), 'x');
    for (const path of ['/app/none.html', '/app/data.bin', '/app'])
      assert.equal((await app.request(path)).status, 404);
  });
});
