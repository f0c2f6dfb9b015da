import { ADDRESS_OPTIONS, OPTIONS_FIRST, PROGRAMS, type Program, TOOLS } from './tools.ts';

/** A regular expression and what stands for its matches on both sides. */
export type Mask = readonly [pattern: RegExp, replacement: string];

export interface StepOptions {
  readonly stdin?: string;
  /** Written to the step's folder before it runs; arguments name them as `$DIR/NAME`. */
  readonly files?: Readonly<Record<string, string>>;
  /** Where Kafka gives no order: lines are sorted before they are compared. */
  readonly unordered?: boolean;
  readonly masks?: readonly Mask[];
  /** Standard error holds what libraries log as they go, more or less of it: it is not compared. */
  readonly ignoreStderr?: boolean;
  /** Repeated until this is in what it prints: for what brokers do behind an answer. */
  readonly until?: RegExp;
  /** The command line as it is, without the broker's address. */
  readonly bare?: boolean;
  readonly timeoutMs?: number;
}

/**
 * One command that both brokers get. `start` leaves it running under a name, `stop` ends it as Ctrl-C does and
 * compares what it had printed.
 */
export interface Step extends StepOptions {
  readonly name: string;
  readonly op: 'run' | 'start' | 'stop';
  readonly main: string;
  readonly args: readonly string[];
  /** Instead of `main`: what is not Java's. */
  readonly program?: Program;
  /** Of a command that is started or stopped. */
  readonly handle?: string;
}

export interface Script {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Steps in order; those of one name are numbered. */
export function script(name: string, ...steps: readonly Step[]): Script {
  const times = new Map<string, number>();
  const numbered = steps.map((step) => {
    const time = (times.get(step.name) ?? 0) + 1;
    times.set(step.name, time);
    return time === 1 ? step : { ...step, name: `${step.name} (${time})` };
  });
  return { name, steps: numbered };
}

/** Words of a command line; quotes hold blanks together. */
export function words(line: string): string[] {
  return [...line.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double),
  );
}

function command(op: Step['op'], line: string, options: StepOptions): Step {
  const [tool = '', ...args] = words(line);
  const program = PROGRAMS[tool];
  if (program !== undefined) return { ...options, name: line, op, main: '', args, program };
  const main = TOOLS[tool];
  if (main === undefined) throw new Error(`no tool '${tool}' in: ${line}`);
  const addressed = options.bare || args.some((arg) => arg.includes('$BROKER'));
  const address = addressed ? [] : [ADDRESS_OPTIONS[tool] ?? '--bootstrap-server', '$BROKER'];
  const subcommand = args[0] !== undefined && !args[0].startsWith('-');
  const at = subcommand && !OPTIONS_FIRST.has(tool) ? 1 : 0;
  return { ...options, name: line, op, main, args: [...args.slice(0, at), ...address, ...args.slice(at)] };
}

export function step(line: string, options: StepOptions = {}): Step {
  return command('run', line, options);
}

/** Several commands, one a line. */
export function steps(text: string, options: StepOptions = {}): Step[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => step(line, options));
}

export function start(handle: string, line: string, options: StepOptions = {}): Step {
  return { ...command('start', line, options), handle };
}

export function stop(handle: string, options: StepOptions = {}): Step {
  return { ...options, name: `stop ${handle}`, op: 'stop', main: '', args: [], handle };
}

/** Reading changes nothing: a step that may be asked again when one broker was quicker than the other. */
export function isReading({ op, args }: Step): boolean {
  const reading = /^(--(describe|list|members|state|verify|status|offsets)|describe.*|list.*|find-hanging)$/;
  return op === 'run' && args.some((arg) => reading.test(arg)) && !args.includes('--execute');
}
