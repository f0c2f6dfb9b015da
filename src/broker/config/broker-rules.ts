import type { Refusal } from './alter-config.ts';
import { BROKER_CONFIGS, otherConfig, withoutListener } from './broker-configs.ts';
import { configProblem, listItems } from './config-table.ts';
import type { ConfigMap, Settings } from './settings.ts';

/** These count only for a listener, since each listener has its own certificates (KIP-226). */
const PER_LISTENER = /^ssl\.(?!client\.auth|principal|allow)/;

/** Threads in Kafka; tools expect that their number changes step by step. */
const THREADS = [
  'background.threads',
  'num.io.threads',
  'num.network.threads',
  'num.recovery.threads.per.data.dir',
  'num.replica.fetchers',
];

/**
 * What is wrong with the configuration of the broker, or of all brokers where the name is empty. Names in no table are
 * kept: they may be a plugin's. Kafka answers INVALID_REQUEST here, where INVALID_CONFIG were to be expected (KAFKA-13609).
 */
export function brokerProblem(config: ConfigMap, brokerId: string, settings: Settings): Refusal | undefined {
  const names = Object.keys(config);
  const refuse = (message: string): Refusal => ({ error: 'INVALID_REQUEST', message });
  const set = (found: readonly string[]) => `Set(${found.join(', ')})`;
  const fixed = names.filter((name) => BROKER_CONFIGS.get(name)?.readOnly);
  if (fixed.length > 0) return refuse(`Cannot update these configs dynamically: ${set(fixed)}`);
  const withoutPrefix = names.filter((name) => PER_LISTENER.test(name));
  if (withoutPrefix.length > 0)
    return refuse(
      `These security configs can be dynamically updated only per-listener using the listener prefix: Hash${set(withoutPrefix)}`,
    );
  for (const [name, value] of Object.entries(config)) {
    const message = valueProblem(withoutListener(name), value, settings);
    if (message !== undefined) return refuse(message);
  }
  const ofOneBroker = names.filter((name) => BROKER_CONFIGS.get(withoutListener(name))?.perBroker);
  if (brokerId === '' && ofOneBroker.length > 0)
    return refuse(
      `Cannot update these configs at default cluster level, broker id must be specified: ${set(ofOneBroker)}`,
    );
  return undefined;
}

function valueProblem(name: string, value: string, settings: Settings): string | undefined {
  const problem = configProblem(BROKER_CONFIGS.get(name) ?? otherConfig(name), value);
  if (problem !== undefined) return problem;
  if (name === 'max.connections.per.ip.overrides') return overridesProblem(value);
  if (!THREADS.includes(name)) return undefined;
  const current = settings.number(name);
  const wanted = Number(value);
  if (wanted <= current * 2 && wanted >= Math.floor(current / 2)) return undefined;
  const bound =
    wanted > current
      ? `value should not be greater than double the current value ${current}`
      : `value should be at least half the current value ${current}`;
  const cause = `Dynamic thread count update validation failed for ${name}=${value}, ${bound}`;
  return `Invalid value org.apache.kafka.common.config.ConfigException: ${cause} for configuration Invalid dynamic configuration`;
}

/** `host:number` pairs; an address of IPv6 has colons itself. */
function overridesProblem(value: string): string | undefined {
  const wrong = listItems(value)
    .map((pair) => pair.slice(pair.lastIndexOf(':') + 1))
    .find((number) => !/^\d{1,10}$/.test(number.trim()));
  return wrong === undefined ? undefined : `For input string: "${wrong}"`;
}
