import { registryPart } from './registry-part.ts';
import { runServer, type ServerFlags } from './server-process.ts';

/** `millrace serve`: one line on standard output when it accepts connections. */
export async function serve(flags: ServerFlags): Promise<void> {
  const { millrace } = await runServer(flags);
  const listeners = [...millrace.kafkaListeners];
  const kafka =
    listeners.length === 1
      ? millrace.kafkaAddress
      : listeners.map(([name, address]) => `${name}://${address}`).join(',');
  process.stdout.write(`ready kafka=${kafka} http=http://${millrace.httpAddress}${registryPart(millrace)}\n`);
}
