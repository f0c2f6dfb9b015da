import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import { readWholeFile } from '../base/read-file.ts';

/** A path of the site -> a file, or a folder (its URL ends with `/`) for everything below the path. */
export type Pages = Readonly<Record<string, URL>>;

interface Page {
  readonly modifiedMs: number;
  readonly etag: string;
  readonly contentType: string;
  readonly bytes: Buffer<ArrayBuffer>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  ts: 'text/javascript; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  mp3: 'audio/mpeg',
  txt: 'text/plain; charset=utf-8',
  webmanifest: 'application/manifest+json',
};

/**
 * Pages as files. A `.ts` file reaches the browser as JavaScript with its types blanked out, so positions in error
 * messages are those of the source and pages need no build.
 */
export function pagesApp(pages: Pages): Hono {
  const cache = new Map<string, Page>();
  const app = new Hono();
  app.get('*', async (c, next) => {
    const file = locate(pages, c.req.path);
    const page = file && (await load(file, cache));
    if (!page) return next();
    const headers = { etag: page.etag, 'cache-control': 'no-cache', 'content-type': page.contentType };
    if (c.req.header('if-none-match') === page.etag) return c.body(null, 304, headers);
    return c.body(page.bytes, 200, headers);
  });
  return app;
}

/** The file behind a request path; undefined when it is none of the pages or tries to leave their folders. */
export function locate(pages: Pages, path: string): string | undefined {
  const exact = pages[path] ?? (path.length > 1 ? pages[path.replace(/\/$/, '')] : undefined);
  if (exact && !exact.pathname.endsWith('/')) return fileURLToPath(exact);
  const parts = segments(path);
  if (!parts) return undefined;
  for (let length = parts.length - 1; length >= 0; length--) {
    const folder = pages[`/${parts.slice(0, length).join('/')}`];
    if (folder?.pathname.endsWith('/')) return fileURLToPath(folder) + parts.slice(length).join('/');
  }
  return undefined;
}

/** Decoded once, after which no part may climb or hide a separator. */
function segments(path: string): string[] | undefined {
  try {
    const parts = path.slice(1).split('/').map(decodeURIComponent);
    return parts.every((part) => /^[^/\\\0]+$/.test(part) && !part.startsWith('.')) ? parts : undefined;
  } catch {
    return undefined;
  }
}

async function load(file: string, cache: Map<string, Page>): Promise<Page | undefined> {
  const contentType = CONTENT_TYPES[file.slice(file.lastIndexOf('.') + 1)];
  if (contentType === undefined) return undefined;
  const found = await readWholeFile(file);
  if (!found) return undefined;
  const cached = cache.get(file);
  if (cached?.modifiedMs === found.modifiedMs) return cached;
  const bytes = Buffer.from(file.endsWith('.ts') ? withoutTypes(found.bytes.toString()) : found.bytes);
  const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;
  const page = { modifiedMs: found.modifiedMs, etag, contentType, bytes };
  cache.set(file, page);
  return page;
}

function withoutTypes(source: string): string {
  // Node calls it experimental, which is nothing that a user of the pages could act on.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source, { mode: 'strip' });
  } finally {
    process.emitWarning = emitWarning;
  }
}
