import type { Refusal } from './alter-config.ts';
import { configProblem, listItems } from './config-table.ts';
import type { ConfigMap } from './settings.ts';
import { TOPIC_CONFIGS } from './topic-configs.ts';

/** What is wrong with a topic's own configuration. */
export function topicProblem(config: ConfigMap): Refusal | undefined {
  const refuse = (message: string): Refusal => ({ error: 'INVALID_CONFIG', message });
  for (const name of Object.keys(config))
    if (!TOPIC_CONFIGS.has(name)) return refuse(`Unknown topic config name: ${name}`);
  for (const [name, value] of Object.entries(config)) {
    const message = configProblem(TOPIC_CONFIGS.get(name)!, value) ?? throttleProblem(name, value);
    if (message !== undefined) return refuse(message);
  }
  const value = (name: string) => BigInt(config[name]?.trim() ?? TOPIC_CONFIGS.get(name)!.default!);
  const [least, most] = [value('min.compaction.lag.ms'), value('max.compaction.lag.ms')];
  if (least > most)
    return refuse(
      `conflict topic config setting min.compaction.lag.ms (${least}) > max.compaction.lag.ms (${most})`,
    );
  if (config['remote.storage.enable']?.trim().toLowerCase() === 'true')
    return refuse(
      'Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.',
    );
  return undefined;
}

function throttleProblem(name: string, value: string): string | undefined {
  if (!name.endsWith('.replication.throttled.replicas')) return undefined;
  const trimmed = value.trim();
  if (trimmed === '' || trimmed === '*' || /^\d+:\d+(\s*,\s*\d+:\d+)*$/.test(trimmed)) return undefined;
  return `Invalid value [${listItems(value).join(', ')}] for configuration ${name}: ${name} must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...`;
}
