import { fileURLToPath } from 'node:url';
import type { Demo } from '../../examples/scoreboard/demo.ts';
import type { Millrace } from '../millrace.ts';
import { COMMAND } from './command-line.ts';
import { readText } from './config-file.ts';
import { registryPart } from './registry-part.ts';
import { runServer, type ServerFlags } from './server-process.ts';

/** `millrace demo`: the server, the game, the scoreboard and, on request, computer players. */
export async function demo(flags: ServerFlags & { readonly bots: number }): Promise<void> {
  const scoreboard = await loadDemo();
  const statements = readText(fileURLToPath(scoreboard.statementsFile));
  const { millrace, logger, stopping } = await runServer(flags, ({ sql }) => ({
    sql: sql === undefined ? statements : `${statements}\n${readText(sql)}`,
    topics: scoreboard.topics.map(({ name, partitions }) => ({ name, partitionCount: partitions })),
    pages: scoreboard.pages,
  }));
  const http = `http://${millrace.httpAddress}`;
  process.stdout.write(
    [
      `ready kafka=${millrace.kafkaAddress} http=${http}${registryPart(millrace)}`,
      '',
      `  the log, live   ${http}/`,
      `  the game        ${http}/game`,
      `  the scoreboard  ${http}/scoreboard`,
      ...schemasLine(millrace),
      '',
      `  kcat -b ${millrace.kafkaAddress} -C -t STATS_PER_USER`,
      `  ${COMMAND} sql ${http}`,
      '',
    ].join('\n'),
  );
  if (flags.bots > 0)
    scoreboard.startBots(http, flags.bots, stopping).catch((error: Error) => {
      if (!stopping.aborted) logger.error('the computer players stopped', { reason: error.message });
    });
}

function schemasLine({ registryAddress }: Millrace): string[] {
  return registryAddress === undefined ? [] : [`  the schemas     http://${registryAddress}/schemas`];
}

/** Beside the sources in a clone, beside `dist` in the package. */
async function loadDemo(): Promise<Demo> {
  const module = (await import('../../examples/scoreboard/demo.ts')) as { readonly scoreboardDemo: Demo };
  return module.scoreboardDemo;
}
