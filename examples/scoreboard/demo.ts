import { startBots } from './bots/bots.ts';

/** All that `millrace demo` adds to a server: statements, topics, pages and, on request, players. */
export interface Demo {
  readonly statementsFile: URL;
  /** Created before the statements run: the streams are declared over existing topics. */
  readonly topics: readonly { readonly name: string; readonly partitions: number }[];
  /** Path of the site -> a file, or a folder for everything below the path. */
  readonly pages: Readonly<Record<string, URL>>;
  startBots(httpUrl: string, count: number, signal: AbortSignal): Promise<void>;
}

// Compiled, this module lies in dist/examples/scoreboard; pages and statements stay in the package as they are.
const folder = import.meta.url.endsWith('.ts') ? './' : '../../../examples/scoreboard/';
const here = (path: string): URL => new URL(folder + path, import.meta.url);

export const scoreboardDemo: Demo = {
  statementsFile: here('statements.sql'),
  topics: [
    { name: 'USER_GAME', partitions: 6 },
    { name: 'USER_LOSSES', partitions: 6 },
  ],
  pages: {
    '/': here('web/landing.html'),
    '/game': here('web/game.html'),
    '/scoreboard': here('web/scoreboard.html'),
    '/web': here('web/'),
  },
  startBots,
};
