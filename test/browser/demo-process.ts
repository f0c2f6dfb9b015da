import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const readyWithinMs = 20_000;

/** `millrace demo` as a user starts it, on free ports and in a folder of its own. */
export class DemoProcess {
  readonly httpUrl: string;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(httpUrl: string, child: ChildProcess, folder: string) {
    this.httpUrl = httpUrl;
    this.#child = child;
    this.#folder = folder;
  }

  static async start(...flags: string[]): Promise<DemoProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-browser-'));
    const main = new URL('../../scripts/millrace.mjs', import.meta.url).pathname;
    const child = spawn(
      process.execPath,
      [
        main,
        'demo',
        '--data',
        folder,
        '--kafka',
        '127.0.0.1:0',
        '--http',
        '127.0.0.1:0',
        '--registry',
        'off',
        ...flags,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    try {
      return new DemoProcess(await announcedUrl(child), child, folder);
    } catch (error) {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await exited;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function announcedUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const fail = (why: string): void => reject(new Error(`millrace demo ${why}:\n${said}`));
    const timer = setTimeout(() => fail('said no address in time'), readyWithinMs);
    const hear = (text: Buffer): void => {
      said += text.toString();
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', (text: Buffer) => (said += text.toString()));
    child.once('exit', (code) => fail(`ended with ${code}`));
  });
}
