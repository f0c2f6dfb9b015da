import { type Random, uuidHex } from '../../base/random.ts';
import type { Answer, Call, Outcome, StateMachine } from '../../topics/state-machine.ts';
import type { TopicDescription } from '../../topics/topics.ts';
import { alterConfig } from '../config/alter-config.ts';
import { configRules } from '../config/config-rules.ts';
import { topicProblem } from '../config/topic-rules.ts';
import { type FeatureLevels, updatedLevels } from '../features.ts';
import { ClientQuotas } from '../quota/client-quotas.ts';
import { SecurityState } from '../security/security-state.ts';
import type {
  AlterConfigs,
  CreateResult,
  MetadataCalls,
  PartitionsToAdd,
  TopicToCreate,
  Verdict,
} from './metadata-calls.ts';
import type { MetadataEntry } from './metadata-entries.ts';
import { ResourceConfigs } from './resource-configs.ts';
import { collisionKey, topicNameProblem } from './topic-name.ts';

/** What a topic gets that leaves a number to the broker. */
export interface TopicDefaults {
  readonly partitionCount: number;
  readonly replicationFactor: number;
}

/** Partitions of all topics: beyond this a single node would not start in reasonable time. */
const MAX_PARTITIONS_PER_TOPIC = 100_000;
const OK: Verdict = { error: 'NONE', message: null };

/** Which topics exist and how they and the broker are configured; which producer ids are spent; who may do what. */
export class MetadataMachine implements StateMachine<MetadataCalls, MetadataEntry> {
  readonly security: SecurityState;
  readonly #random: Random;
  readonly #defaults: () => TopicDefaults;
  readonly #topics = new Map<string, TopicDescription>();
  readonly #nameOfId = new Map<string, string>();
  readonly #nameOfCollisionKey = new Map<string, string>();
  readonly #rules: ReturnType<typeof configRules>;
  readonly configs: ResourceConfigs;
  readonly quotas = new ClientQuotas();
  #nextProducerId = 0;
  #featureLevels: FeatureLevels = {};
  #topicsVersion = 0;

  constructor(random: Random, defaults: () => TopicDefaults, rules = configRules()) {
    this.security = new SecurityState(random);
    this.#random = random;
    this.#defaults = defaults;
    this.#rules = rules;
    this.configs = new ResourceConfigs(rules);
  }

  find(name: string): TopicDescription | undefined {
    return this.#topics.get(name);
  }

  findById(topicId: string): TopicDescription | undefined {
    return this.#topics.get(this.#nameOfId.get(topicId) ?? '');
  }

  list(): readonly TopicDescription[] {
    return [...this.#topics.values()];
  }

  /** Another one after every change of topics. */
  get topicsVersion(): number {
    return this.#topicsVersion;
  }

  /** Finalized levels that were set; see FEATURES for the others. */
  get featureLevels(): FeatureLevels {
    return this.#featureLevels;
  }

  handle(call: Call<MetadataCalls>, _nowMs: number): Outcome<MetadataCalls, MetadataEntry> {
    const entries: MetadataEntry[] = [];
    const reply = this.#decide(call, entries);
    return { entries, replies: [{ token: call.token, reply }], wakeAtMs: undefined };
  }

  wake(_nowMs: number): Outcome<MetadataCalls, MetadataEntry> {
    return { entries: [], replies: [], wakeAtMs: undefined };
  }

  replay(entry: MetadataEntry): void {
    if (entry.kind === 'config') {
      this.configs.replay(entry);
      return;
    }
    if (entry.kind === 'quota') {
      this.quotas.replay(entry);
      return;
    }
    if (entry.kind === 'producer-ids') {
      this.#nextProducerId = entry.value.next;
      return;
    }
    if (entry.kind === 'features') {
      this.#featureLevels = entry.value.levels;
      return;
    }
    if (entry.kind === 'acl' || entry.kind === 'scram') {
      this.security.replay(entry);
      return;
    }
    this.#topicsVersion++;
    const { name, value } = entry;
    const previous = this.#topics.get(name);
    if (previous !== undefined) this.#nameOfId.delete(previous.topicId);
    if (value === null) {
      this.#topics.delete(name);
      this.#nameOfCollisionKey.delete(collisionKey(name));
      return;
    }
    this.#topics.set(name, { ...value, name, config: new Map(Object.entries(value.config)) });
    this.#nameOfId.set(value.topicId, name);
    this.#nameOfCollisionKey.set(collisionKey(name), name);
  }

  #decide(call: Call<MetadataCalls>, entries: MetadataEntry[]): Answer<MetadataCalls>['reply'] {
    switch (call.kind) {
      case 'createTopics':
        return this.#createTopics(call.request.topics, call.request.validateOnly, entries);
      case 'deleteTopics':
        return call.request.names.map((name) => this.#deleteTopic(name, call.request.internalToo, entries));
      case 'createPartitions': {
        const { topics, validateOnly } = call.request;
        return topics.map((topic) => this.#createPartitions(topic, validateOnly, entries));
      }
      case 'alterConfigs':
        return this.#alterConfigs(call.request, entries);
      case 'alterQuotas': {
        const { alterations, validateOnly } = call.request;
        return this.quotas.alter(alterations, validateOnly, entries).map((refusal) => refusal ?? OK);
      }
      case 'updateFeatures':
        return this.#updateFeatures(call.request, entries);
      case 'allocateProducerIds': {
        const first = this.#nextProducerId;
        entries.push({ kind: 'producer-ids', value: { next: first + call.request.count } });
        return { first };
      }
      case 'createAcls':
      case 'deleteAcls':
      case 'alterScram': {
        const decided = this.security.decide(call);
        entries.push(...decided.entries);
        return decided.reply;
      }
    }
  }

  #createTopics(
    topics: readonly TopicToCreate[],
    validateOnly: boolean,
    entries: MetadataEntry[],
  ): readonly CreateResult[] {
    // Names decided in this very request are not in the maps yet.
    const taken = new Map<string, string>();
    const timesNamed = new Map<string, number>();
    for (const { name } of topics) timesNamed.set(name, (timesNamed.get(name) ?? 0) + 1);
    return topics.map((wanted): CreateResult => {
      const { name } = wanted;
      if (timesNamed.get(name)! > 1)
        return { name, error: 'INVALID_REQUEST', message: 'Duplicate topic name.' };
      const refusal = this.#createRefusal(wanted, taken);
      if (refusal !== undefined) return { name, ...refusal };
      const defaults = this.#defaults();
      const value = {
        topicId: uuidHex(this.#random),
        partitionCount: wanted.partitionCount ?? defaults.partitionCount,
        replicationFactor: wanted.replicationFactor ?? defaults.replicationFactor,
        internal: wanted.internal ?? false,
        config: Object.fromEntries(wanted.config ?? []),
      };
      taken.set(collisionKey(name), name);
      if (!validateOnly) entries.push({ kind: 'topic', name, value });
      return { name, ...OK, topic: { ...value, name, config: new Map(Object.entries(value.config)) } };
    });
  }

  #createRefusal(wanted: TopicToCreate, taken: ReadonlyMap<string, string>): Verdict | undefined {
    const { name, partitionCount, replicationFactor } = wanted;
    const nameProblem = topicNameProblem(name);
    if (nameProblem !== undefined) return { error: 'INVALID_TOPIC_EXCEPTION', message: nameProblem };
    if (this.#topics.has(name))
      return { error: 'TOPIC_ALREADY_EXISTS', message: `Topic '${name}' already exists.` };
    const rival = this.#nameOfCollisionKey.get(collisionKey(name)) ?? taken.get(collisionKey(name));
    if (rival !== undefined) {
      const message = `Topic '${name}' collides with existing topic: ${rival}`;
      return { error: 'INVALID_TOPIC_EXCEPTION', message };
    }
    if (partitionCount !== null && partitionCount <= 0) {
      const message = 'Number of partitions was set to an invalid non-positive value.';
      return { error: 'INVALID_PARTITIONS', message };
    }
    if (partitionCount !== null && partitionCount > MAX_PARTITIONS_PER_TOPIC)
      return { error: 'INVALID_PARTITIONS', message: tooManyPartitions(partitionCount) };
    if (replicationFactor !== null && replicationFactor !== 1)
      return { error: 'INVALID_REPLICATION_FACTOR', message: replicationProblem(replicationFactor) };
    return topicProblem(Object.fromEntries(wanted.config ?? []));
  }

  #deleteTopic(
    name: string,
    internalToo: boolean,
    entries: MetadataEntry[],
  ): MetadataCalls['deleteTopics']['reply'][number] {
    const topic = this.#topics.get(name);
    if (topic === undefined) return { name, error: 'UNKNOWN_TOPIC_OR_PARTITION', message: null };
    if (topic.internal && !internalToo) {
      const message = `The topic ${name} belongs to the server and cannot be deleted.`;
      return { name, error: 'INVALID_TOPIC_EXCEPTION', message };
    }
    entries.push({ kind: 'topic', name, value: null });
    return { name, ...OK, topicId: topic.topicId };
  }

  #createPartitions(
    { name, partitionCount }: PartitionsToAdd,
    validateOnly: boolean,
    entries: MetadataEntry[],
  ): Verdict & { readonly name: string } {
    const topic = this.#topics.get(name);
    if (topic === undefined)
      return {
        name,
        error: 'UNKNOWN_TOPIC_OR_PARTITION',
        message: 'This server does not host this topic-partition.',
      };
    const refuse = (message: string) => ({ name, error: 'INVALID_PARTITIONS' as const, message });
    if (topic.internal) return { name, ...fixed(name) };
    const before = topic.partitionCount;
    if (partitionCount === before) return refuse(`Topic already has ${before} partition(s).`);
    if (partitionCount < before) {
      return refuse(
        `The topic ${name} currently has ${before} partition(s); ${partitionCount} would not be an increase.`,
      );
    }
    if (partitionCount > MAX_PARTITIONS_PER_TOPIC) return refuse(tooManyPartitions(partitionCount));
    if (!validateOnly) {
      const config = Object.fromEntries(topic.config);
      entries.push({ kind: 'topic', name, value: { ...withoutName(topic), partitionCount, config } });
    }
    return { name, ...OK };
  }

  #updateFeatures(
    { updates, validateOnly, nodeId }: MetadataCalls['updateFeatures']['request'],
    entries: MetadataEntry[],
  ): Verdict {
    const updated = updatedLevels(this.#featureLevels, updates, nodeId);
    if ('problem' in updated) {
      const message = `The update failed for all features since the following feature had an error: ${updated.problem}`;
      return { error: 'INVALID_UPDATE_VERSION', message };
    }
    if (!validateOnly) entries.push({ kind: 'features', value: { levels: updated.levels } });
    return OK;
  }

  #alterConfigs(request: AlterConfigs, entries: MetadataEntry[]): Verdict {
    const { resource, changes, replacesAll, validateOnly } = request;
    const { kind, name } = resource;
    if (kind !== 'topic') return this.configs.alter({ kind, name }, request, entries);
    const topic = this.#topics.get(resource.name);
    if (topic === undefined) {
      const message = `The topic '${resource.name}' does not exist.`;
      return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message };
    }
    if (topic.internal) return fixed(topic.name);
    const before = replacesAll ? {} : Object.fromEntries(topic.config);
    const altered = alterConfig(this.#rules('topic'), name, before, changes);
    if ('error' in altered) return altered;
    if (!validateOnly) {
      const value = { ...withoutName(topic), config: altered.config };
      entries.push({ kind: 'topic', name: topic.name, value });
    }
    return OK;
  }
}

/** Retention over a coordinator's log would eat its state; another partition count would hide its groups. */
function fixed(name: string): Verdict {
  return {
    error: 'POLICY_VIOLATION',
    message: `The topic ${name} belongs to the server and cannot be changed.`,
  };
}

function withoutName({ name: _, ...rest }: TopicDescription) {
  return rest;
}

function tooManyPartitions(count: number): string {
  return `A topic of ${count} partitions exceeds the limit of ${MAX_PARTITIONS_PER_TOPIC}.`;
}

function replicationProblem(factor: number): string {
  if (factor <= 0) return 'Replication factor must be larger than 0, or -1 to use the default value.';
  return `Unable to replicate the partition ${factor} time(s): The target replication factor of ${factor} cannot be reached because only 1 broker(s) are registered.`;
}
