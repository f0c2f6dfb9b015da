// Starts that cannot succeed because of what is in the folder, as a user sees them: one line and exit code 1.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { startServer, temporaryFolder } from './support/server.ts';

const MAIN = new URL('../src/cli/main.ts', import.meta.url).pathname;

/** Runs `millrace serve` on a folder until it gives up. */
async function refusal(data: string): Promise<{ code: number | null; lines: string[] }> {
  const free = ['--kafka', '127.0.0.1:0', '--http', '127.0.0.1:0', '--registry', '127.0.0.1:0'];
  const child = spawn(process.execPath, [MAIN, 'serve', '--data', data, ...free]);
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = text.split('\n').filter((line) => line !== '' && !/^\d{4}-.* (INFO|WARN) /.test(line));
  return { code, lines };
}

it('a second server on a folder is turned away, and the first one does not notice', {
  timeout: 30_000,
}, async (t) => {
  const data = await temporaryFolder(t);
  const first = await startServer({ data });
  const { code, lines } = await refusal(data);
  assert.deepEqual([code, lines.length], [1, 1], lines.join('\n'));
  assert.match(lines[0]!, /in use|another/i);
  const answer = await fetch(`${first.http}/healthcheck`);
  assert.equal(answer.status, 200);
  assert.equal(await first.stop(), 0);

  const meta = join(data, 'meta.properties');
  await writeFile(meta, (await readFile(meta, 'utf8')).replace('version=1', 'version=7'));
  const other = await refusal(data);
  assert.deepEqual([other.code, other.lines.length], [1, 1], other.lines.join('\n'));
  assert.match(other.lines[0]!, /format version 7; this server reads version 1/);
});
