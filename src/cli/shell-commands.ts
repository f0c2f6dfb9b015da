import { ClientError } from './client-error.ts';
import type { Display, OutputFormat } from './display.ts';
import type { SqlClient } from './sql-client.ts';
import type { StatementRunner } from './statement-runner.ts';

export interface Shell {
  readonly client: SqlClient;
  readonly runner: StatementRunner;
  readonly display: Display;
  /** Lines typed earlier, newest first. */
  readonly history: () => readonly string[];
}

interface ShellCommand {
  readonly usage: string;
  readonly help: string;
  readonly pattern: RegExp;
  readonly run: (shell: Shell, words: readonly string[]) => void | Promise<void>;
}

const TEXT = "'((?:[^']|'')*)'";

const COMMANDS: readonly ShellCommand[] = [
  {
    usage: 'HELP',
    help: 'this text',
    pattern: /^help$/i,
    run: ({ display }) => display.write(helpText()),
  },
  {
    usage: 'CLEAR',
    help: 'a clean screen',
    pattern: /^clear$/i,
    run: ({ display }) => display.write('\u001b[2J\u001b[H'),
  },
  {
    usage: 'HISTORY',
    help: 'earlier lines',
    pattern: /^history$/i,
    run: ({ display, history }) => display.write(`${history().toReversed().join('\n')}\n`),
  },
  {
    usage: 'VERSION',
    help: "the server's version",
    pattern: /^version$/i,
    run: async ({ display, client }) => display.write(`Version: ${await client.version()}\n`),
  },
  {
    usage: 'OUTPUT [TABULAR | JSON]',
    help: 'how answers are shown',
    pattern: /^output(?:\s+'?(\w+)'?)?$/i,
    run: ({ display }, [format]) => {
      if (format !== undefined) display.output = outputFormat(format);
      display.write(`Output format: ${display.output.toUpperCase()}\n`);
    },
  },
  {
    usage: 'SERVER [url]',
    help: 'the server that is asked; another one',
    pattern: /^server(?:\s+'?(\S+?)'?)?$/i,
    run: async ({ display, client }, [url]) => {
      if (url !== undefined) await client.connect(url);
      display.write(`Server: ${client.url}\n`);
    },
  },
  {
    usage: 'REQUEST PIPELINING [ON | OFF]',
    help: 'off: a statement waits for those before it, also at another server',
    pattern: /^request\s+pipelining(?:\s+(on|off))?$/i,
    run: ({ display, runner }, [state]) => {
      if (state !== undefined) runner.isPipelining = isOn(state);
      display.write(`Request pipelining: ${runner.isPipelining ? 'ON' : 'OFF'}\n`);
    },
  },
  {
    usage: "SPOOL 'file' | OFF",
    help: 'writes everything that is shown to a file too',
    pattern: new RegExp(`^spool\\s+(?:${TEXT}|(off))$`, 'i'),
    run: ({ display }, [file]) => {
      const before = display.spoolFile;
      if (file === undefined && before === undefined) throw new ClientError('Nothing is spooled.');
      display.spool(file?.replaceAll("''", "'"));
      display.write(file === undefined ? `Spooling to ${before} has ended\n` : `Spooling to ${file}\n`);
    },
  },
  {
    usage: 'SET CLI WRAP ON | OFF',
    help: 'whether long values go on below or are cut',
    pattern: /^set\s+cli\s+wrap\s+'?(on|off)'?$/i,
    run: ({ display }, [state = '']) => {
      display.cut = isOn(state) ? 'wrap' : 'clip';
    },
  },
  {
    usage: 'SET CLI COLUMN-WIDTH n',
    help: 'how wide columns of queries are; 0: as they need',
    pattern: /^set\s+cli\s+column-width\s+'?(\d{1,4})'?$/i,
    run: ({ display }, [width = '']) => {
      display.columnWidth = Number(width);
    },
  },
  {
    usage: "RUN SCRIPT 'file'",
    help: 'the statements of a file, without queries',
    pattern: new RegExp(`^run\\s+script\\s+${TEXT}$`, 'i'),
    run: ({ runner }, [file = '']) => runner.runFile(file.replaceAll("''", "'")),
  },
];

/** Runs what is for the shell itself; false for a statement, which is for the server. */
export async function runShellCommand(text: string, shell: Shell): Promise<boolean> {
  const command = text.trim().replace(/;$/, '').trim();
  for (const { pattern, run } of COMMANDS) {
    const match = pattern.exec(command);
    if (!match) continue;
    await run(shell, match.slice(1) as string[]);
    return true;
  }
  const [, words] = /^(set\s+cli|request\s+pipelining|spool)\b/i.exec(command) ?? [];
  if (words === undefined) return false;
  throw new ClientError(`'${command}' is not understood. HELP lists the commands.`);
}

export function outputFormat(text: string): OutputFormat {
  const format = text.toLowerCase();
  if (format === 'tabular' || format === 'json') return format;
  throw new ClientError(`the output is TABULAR or JSON, not '${text}'`);
}

function isOn(state: string): boolean {
  return state.toUpperCase() === 'ON';
}

function helpText(): string {
  const rows = [
    ...COMMANDS.map(({ usage, help }) => [usage, help] as const),
    ["SET 'name'='value';", "a property for all statements that follow; UNSET 'name'; takes it back"],
    ["DEFINE name='value';", 'a variable for ${name}; UNDEFINE name; takes it back'],
    ['EXIT', 'leave (Ctrl-D)'],
  ] as const;
  const width = Math.max(...rows.map(([usage]) => usage.length)) + 2;
  const lines = rows.map(([usage, help]) => `  ${usage.padEnd(width)}${help}\n`);
  return `Statements end with ';' and may span lines. Ctrl-C ends a running query or drops what was typed.\n${lines.join('')}`;
}
