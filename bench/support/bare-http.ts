import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A process with nothing but node:http: reads a body, answers one text. What that takes no server on it can do without. */
export interface BareHttp {
  readonly url: string;
  readonly pid: number;
  stop(): void;
}

export async function startBareHttp(answer: string): Promise<BareHttp> {
  const child = fork(new URL(import.meta.url), [answer], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const port = await new Promise<unknown>((resolve, reject) => {
    child.once('message', resolve).once('error', reject);
  });
  return { url: `http://127.0.0.1:${port}`, pid: child.pid as number, stop: () => child.disconnect() };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const answer = process.argv[2] as string;
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      JSON.parse(Buffer.concat(chunks).toString());
      outgoing.setHeader('content-type', 'text/plain').end(answer);
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
  process.once('disconnect', () => process.exit());
}
