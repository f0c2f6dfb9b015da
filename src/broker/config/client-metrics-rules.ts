import type { Refusal } from './alter-config.ts';
import { listItems } from './config-table.ts';
import type { ConfigMap } from './settings.ts';

const NAMES = new Set(['metrics', 'interval.ms', 'match']);
const LEAST_INTERVAL_MS = 100;
const MOST_INTERVAL_MS = 3_600_000;

/** What a subscription may look at in a client. */
export const MATCHED_LABELS = [
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
] as const;

export type MatchedLabel = (typeof MATCHED_LABELS)[number];

/** What is wrong with a client metrics subscription. */
export function clientMetricsProblem(config: ConfigMap, name: string): Refusal | undefined {
  const refuse = (message: string): Refusal => ({ error: 'INVALID_REQUEST', message });
  if (name === '') return refuse("Subscription name can't be empty");
  for (const each of Object.keys(config))
    if (!NAMES.has(each)) return refuse(`Unknown client metrics configuration: ${each}`);
  const interval = config['interval.ms'];
  if (interval !== undefined) {
    if (!/^[+-]?\d{1,10}$/.test(interval.trim()))
      return {
        error: 'INVALID_CONFIG',
        message: `Invalid value ${interval} for configuration interval.ms: Not a number of type INT`,
      };
    const ms = Number(interval);
    if (ms < LEAST_INTERVAL_MS || ms > MOST_INTERVAL_MS)
      return refuse(
        `Invalid value ${interval} for interval.ms, interval must be between ${LEAST_INTERVAL_MS} and ${MOST_INTERVAL_MS} (1 hour)`,
      );
  }
  for (const pattern of listItems(config.match ?? '')) {
    if (parsePattern(pattern) === undefined)
      return { error: 'INVALID_CONFIG', message: `Illegal client matching pattern: ${pattern}` };
  }
  return undefined;
}

/** `label=regular expression` pairs as a subscription holds them. */
export function parsePattern(pattern: string): readonly [MatchedLabel, RegExp] | undefined {
  const [label, text, ...rest] = pattern.split('=').map((part) => part.trim());
  if (text === undefined || rest.length > 0 || !MATCHED_LABELS.includes(label as MatchedLabel))
    return undefined;
  try {
    return [label as MatchedLabel, new RegExp(`^(?:${text})$`)];
  } catch {
    return undefined;
  }
}
