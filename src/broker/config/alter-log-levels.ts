import { type LogLevels, ROOT_LOGGER, type Threshold } from '../../base/log-levels.ts';
import type { ConfigChange, Verdict } from '../metadata/metadata-calls.ts';

const LEVELS = new Set<Threshold>(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);

/** Changes levels of loggers at once (KIP-412), all of them or, when one is wrong, none. */
export function alterLogLevels(
  levels: LogLevels,
  changes: readonly ConfigChange[],
  validateOnly: boolean,
): Verdict {
  const known = new Set(levels.names());
  for (const { name, operation, value } of changes) {
    const level = value?.trim().toLowerCase() as Threshold;
    if (operation === 'append' || operation === 'subtract') {
      const message = `${operation.toUpperCase()} operation is not allowed for the BROKER_LOGGER resource`;
      return { error: 'INVALID_REQUEST', message };
    }
    if (!known.has(name)) return { error: 'INVALID_CONFIG', message: `Logger ${name} does not exist!` };
    if (operation === 'delete' && name === ROOT_LOGGER) {
      const message = `Removing the log level of the ${ROOT_LOGGER} logger is not allowed`;
      return { error: 'INVALID_REQUEST', message };
    }
    if (operation === 'set' && !LEVELS.has(level)) {
      const message = `Cannot set the log level of ${name} to ${value} as it is not a supported log level. Valid log levels are ${[...LEVELS].sort().join(', ').toUpperCase()}`;
      return { error: 'INVALID_CONFIG', message };
    }
  }
  if (validateOnly) return { error: 'NONE', message: null };
  for (const { name, operation, value } of changes) {
    if (operation === 'delete') levels.reset(name);
    else levels.set(name, value!.trim().toLowerCase() as Threshold);
  }
  return { error: 'NONE', message: null };
}
