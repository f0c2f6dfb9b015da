import { runServer, type ServerFlags } from './server-process.ts';

/** `millrace serve`: one line on standard output when it accepts connections. */
export async function serve(flags: ServerFlags): Promise<void> {
  const { millrace } = await runServer(flags);
  process.stdout.write(`ready kafka=${millrace.kafkaAddress} http=http://${millrace.httpAddress}\n`);
}
