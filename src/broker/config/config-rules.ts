import type { ConfigResource } from '../metadata/metadata-calls.ts';
import type { ConfigRules, Refusal } from './alter-config.ts';
import { BROKER_CONFIGS } from './broker-configs.ts';
import { brokerProblem } from './broker-rules.ts';
import { CLIENT_METRICS_CONFIGS } from './client-metrics-configs.ts';
import { clientMetricsProblem } from './client-metrics-rules.ts';
import { type ConfigTable, configProblem } from './config-table.ts';
import { GROUP_CONFIGS } from './group-configs.ts';
import { groupProblem } from './group-rules.ts';
import { type ConfigMap, Settings } from './settings.ts';
import { TOPIC_CONFIGS } from './topic-configs.ts';
import { topicProblem } from './topic-rules.ts';

/** The rules for each kind of resource; those of groups depend on what the broker allows at the moment. */
export function configRules(settings: () => Settings = () => NO_SETTINGS) {
  return (kind: ConfigResource['kind']): ConfigRules => {
    switch (kind) {
      case 'topic':
        return { table: TOPIC_CONFIGS, problem: topicProblem };
      case 'broker':
        return {
          table: BROKER_CONFIGS,
          problem: (config, brokerId) => brokerProblem(config, brokerId, settings()),
        };
      case 'group':
        return {
          table: GROUP_CONFIGS,
          problem: (config) =>
            knownProblem(GROUP_CONFIGS, 'group', config) ?? groupProblem(config, settings()),
        };
      case 'client-metrics':
        return { table: CLIENT_METRICS_CONFIGS, problem: clientMetricsProblem };
    }
  };
}

const NO_SETTINGS = new Settings(new Map());

export function knownProblem(table: ConfigTable, kind: string, config: ConfigMap): Refusal | undefined {
  for (const name of Object.keys(config))
    if (!table.has(name)) return { error: 'INVALID_CONFIG', message: `Unknown ${kind} config name: ${name}` };
  for (const [name, value] of Object.entries(config)) {
    const message = configProblem(table.get(name)!, value);
    if (message !== undefined) return { error: 'INVALID_CONFIG', message };
  }
  return undefined;
}
