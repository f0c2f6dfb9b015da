import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as net from 'node:net';
import { join } from 'node:path';
import { hasCode } from './fs-error.ts';

/** Exclusive ownership of a folder by one live process; a killed owner loses it at once. */
export interface Lock {
  release(): Promise<void>;
}

/** Another live process has the folder. */
export class LockHeldError extends Error {
  readonly path: string;

  constructor(path: string, owner: number | undefined) {
    super(`${path} is in use by ${owner === undefined ? 'another process' : `process ${owner}`}`);
    this.name = 'LockHeldError';
    this.path = path;
  }
}

/** Takes the existing folder `path`, or rejects with LockHeldError. Held once per machine, whatever name leads to it. */
export async function acquireLock(path: string): Promise<Lock> {
  const realPath = await fs.promises.realpath(path);
  return process.platform === 'linux' ? acquireSocketLock(realPath) : acquirePidFileLock(realPath);
}

const ANSWER_WITHIN_MS = 500;

/**
 * Linux: a listening socket in the abstract namespace, which the kernel closes with the process, so that nothing stale
 * can be left behind. It tells whoever asks the owner's process id. Its limit is the network namespace: two containers
 * that share a folder do not see each other.
 */
export async function acquireSocketLock(realPath: string): Promise<Lock> {
  const name = `\0millrace-${createHash('sha256').update(realPath).digest('hex').slice(0, 32)}`;
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.end(String(process.pid));
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ path: name, exclusive: true }, resolve);
    });
  } catch (error) {
    if (hasCode(error, 'EADDRINUSE')) throw new LockHeldError(realPath, await askOwner(name));
    throw error;
  }
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function askOwner(socketName: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect({ path: socketName });
    let answer = '';
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy());
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(/^\d+$/.test(answer) ? Number(answer) : undefined));
  });
}

/**
 * Elsewhere: a file with the owner's process id, taken over when no such process lives. Its limit: two that find the
 * same dead owner at the same instant may both take over.
 */
export async function acquirePidFileLock(realPath: string): Promise<Lock> {
  const file = join(realPath, '.lock');
  // Linked when complete: a contender must never read an owner that has not written its number yet.
  const draft = `${file}-${process.pid}`;
  await fs.promises.writeFile(draft, String(process.pid));
  try {
    return await linkPidFile(draft, file, realPath);
  } finally {
    await fs.promises.rm(draft, { force: true });
  }
}

async function linkPidFile(draft: string, file: string, realPath: string): Promise<Lock> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      await fs.promises.link(draft, file);
      return { release: () => fs.promises.rm(file, { force: true }) };
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error;
    }
    const owner = Number(await fs.promises.readFile(file, 'utf8').catch(() => ''));
    if (owner > 0 && isAlive(owner)) throw new LockHeldError(realPath, owner);
    await fs.promises.rm(file, { force: true });
  }
  throw new LockHeldError(realPath, undefined);
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return !hasCode(error, 'ESRCH');
  }
}
