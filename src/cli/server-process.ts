import { Console } from 'node:console';
import { formatHostPort, isLoopback, parseHostPort } from '../base/address.ts';
import { systemClock } from '../base/clock.ts';
import { LogLevels } from '../base/log-levels.ts';
import { createLogger, type Logger } from '../base/logger.ts';
import { parseListeners } from '../broker/security/listeners.ts';
import { LOG_STREAM_ENABLED } from '../engine/service/processing-log-stream.ts';
import { summaryOfText } from '../engine/service/statement-text.ts';
import { KsqlError, Millrace, type MillraceOptions } from '../millrace.ts';
import { readConfigFile, readText } from './config-file.ts';
import { countBuffersAsHeap } from './external-memory.ts';
import { mistypedVariables, resolveSettings, type Settings } from './settings.ts';
import { SettingsError } from './settings-error.ts';

const STOP_WITHIN_MS = 4_500;

export interface ServerFlags extends Readonly<Record<string, unknown>> {
  readonly config?: string;
}

/** What a caller adds to the settings: the demo its topics and pages. */
export type Extras = (settings: Settings) => Partial<MillraceOptions>;

export interface RunningServer {
  readonly millrace: Millrace;
  readonly logger: Logger;
  /** Aborted when the process is asked to end. */
  readonly stopping: AbortSignal;
}

/**
 * Starts a server as this process and stops it on SIGTERM or SIGINT: exit code 0 after a clean stop, 1 when that takes
 * too long; a second signal ends it at once. Standard output belongs to the caller; logs go to standard error.
 */
export async function runServer(flags: ServerFlags, extras: Extras = () => ({})): Promise<RunningServer> {
  countBuffersAsHeap();
  globalThis.console = new Console(process.stderr, process.stderr);
  const file = flags.config === undefined ? {} : await readConfigFile(flags.config);
  const settings = resolveSettings({ flags, environment: process.env, file });
  checkExposure(settings);
  const logLevels = new LogLevels(settings.logLevel);
  const logger = createLogger({ levels: logLevels, format: settings.logFormat, clock: systemClock });
  for (const variable of mistypedVariables(process.env))
    logger.warn('environment variable without effect', variable);
  const signals = new StopSignals(logger);
  const sql = settings.sql === undefined ? undefined : readText(settings.sql);
  const starting = Millrace.start({
    ...settings,
    brokerConfig: brokerConfigOf(settings),
    sqlProperties: { [LOG_STREAM_ENABLED]: 'true', ...settings.sqlProperties },
    sql: undefined,
    ...(sql !== undefined && { sql }),
    logger,
    logLevels,
    ...extras(settings),
  } as MillraceOptions);
  const millrace = await starting.catch((error: unknown) => {
    throw error instanceof KsqlError ? statementError(error, settings.sql) : error;
  });
  signals.serve(millrace);
  return { millrace, logger, stopping: signals.stopping };
}

/** A start runs no statements but those of files. */
function statementError({ message, statementText }: KsqlError, file = 'a statement'): SettingsError {
  const statement = statementText === undefined ? '' : ` in ${summaryOfText(statementText)}`;
  const line = message.replace('Syntax Error\n', 'Syntax Error: ').replaceAll('\n', ' ');
  return new SettingsError(`${file}: ${line}${statement}`);
}

function brokerConfigOf({ brokerConfig, maxConnections, kafkaUsers }: Settings): Record<string, string> {
  return {
    ...brokerConfig,
    ...(maxConnections !== undefined && { 'max.connections': String(maxConnections) }),
    ...(kafkaUsers !== undefined && { 'sasl.plain.users': kafkaUsers }),
  };
}

/** Nobody should find their log open to the network by a mistyped address. */
function checkExposure({ kafka, http, registry, users, allowInsecure, brokerConfig }: Settings): void {
  if (allowInsecure) return;
  for (const { name, protocol, host, port } of parseListeners(kafka, new Map(Object.entries(brokerConfig)))) {
    const asksWho = protocol.startsWith('SASL') || needsCertificate(name, protocol, brokerConfig);
    if (asksWho || isLoopback(host)) continue;
    const what = kafka.includes('://') ? `${name}://` : '';
    throw new SettingsError(
      `kafka: ${what}${formatHostPort({ host, port })} is open to the network without authentication; allow it with --allow-insecure`,
    );
  }
  for (const [name, address] of Object.entries({ http, registry }))
    if (address !== 'off' && !isLoopback(parseHostPort(address).host) && users.length === 0)
      throw new SettingsError(
        `${name}: ${address} is open to the network without users; set --users or --allow-insecure`,
      );
}

function needsCertificate(name: string, protocol: string, config: Settings['brokerConfig']): boolean {
  const auth = config[`listener.name.${name.toLowerCase()}.ssl.client.auth`] ?? config['ssl.client.auth'];
  return protocol === 'SSL' && auth === 'required';
}

/**
 * SIGTERM and SIGINT of this process. One that comes while the server still starts is kept and stops it as soon as it
 * runs; a second one ends the process at once.
 */
class StopSignals {
  readonly #abort = new AbortController();
  readonly #logger: Logger;
  #millrace: Millrace | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#onSignal(signal));
  }

  get stopping(): AbortSignal {
    return this.#abort.signal;
  }

  serve(millrace: Millrace): void {
    this.#millrace = millrace;
    if (this.#abort.signal.aborted) void this.#stop(millrace);
  }

  #onSignal(signal: string): void {
    if (this.#abort.signal.aborted) process.exit(1);
    this.#logger.info('stopping', { signal });
    this.#abort.abort();
    // From now on, not from the end of a start that may itself hang on a disk.
    systemClock.after(STOP_WITHIN_MS, () => process.exit(1));
    if (this.#millrace) void this.#stop(this.#millrace);
  }

  async #stop(millrace: Millrace): Promise<void> {
    try {
      await millrace.stop();
      process.exit(0);
    } catch (error) {
      this.#logger.error('the server did not stop cleanly', { reason: (error as Error).message });
      process.exit(1);
    }
  }
}
