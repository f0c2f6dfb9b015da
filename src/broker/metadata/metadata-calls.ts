import type { ErrorName } from '../../protocol/errors.ts';
import type { NewTopic, TopicDescription } from '../../topics/topics.ts';
import type { FeatureUpdate } from '../features.ts';
import type { QuotaAlteration } from '../quota/client-quotas.ts';
import type { SecurityCalls } from '../security/security-calls.ts';

/** One item's outcome; `message` is null when the error's own text says enough. */
export interface Verdict {
  readonly error: ErrorName;
  readonly message: string | null;
}

/** null takes the broker's default. */
export interface TopicToCreate extends Omit<NewTopic, 'partitionCount' | 'replicationFactor'> {
  readonly partitionCount: number | null;
  readonly replicationFactor: number | null;
}

export interface CreateResult extends Verdict {
  readonly name: string;
  /** What was created, or would have been. */
  readonly topic?: TopicDescription;
}

export interface PartitionsToAdd {
  readonly name: string;
  /** In all, not on top. */
  readonly partitionCount: number;
}

export type ConfigOperation = 'set' | 'delete' | 'append' | 'subtract';

export interface ConfigChange {
  readonly name: string;
  readonly operation: ConfigOperation;
  readonly value: string | null;
}

/** Kinds of things with a configuration that is kept by itself, a topic's being part of the topic. */
export type ConfigKind = 'broker' | 'group' | 'client-metrics';

/** Which configuration; the broker with the empty name stands for all brokers. */
export interface ConfigResource {
  readonly kind: ConfigKind | 'topic';
  readonly name: string;
}

export interface AlterConfigs {
  readonly resource: ConfigResource;
  readonly changes: readonly ConfigChange[];
  /** The old form: what is not named goes back to its default. */
  readonly replacesAll: boolean;
  readonly validateOnly: boolean;
}

/** Every call of the metadata machine. */
export type MetadataCalls = SecurityCalls & {
  createTopics: {
    request: { readonly topics: readonly TopicToCreate[]; readonly validateOnly: boolean };
    reply: readonly CreateResult[];
  };
  deleteTopics: {
    /** `internalToo`: the server itself asks. */
    request: { readonly names: readonly string[]; readonly internalToo: boolean };
    reply: readonly (Verdict & { readonly name: string; readonly topicId?: string })[];
  };
  createPartitions: {
    request: { readonly topics: readonly PartitionsToAdd[]; readonly validateOnly: boolean };
    reply: readonly (Verdict & { readonly name: string })[];
  };
  alterConfigs: { request: AlterConfigs; reply: Verdict };
  alterQuotas: {
    request: { readonly alterations: readonly QuotaAlteration[]; readonly validateOnly: boolean };
    /** One for each alteration. */
    reply: readonly Verdict[];
  };
  updateFeatures: {
    request: {
      readonly updates: readonly FeatureUpdate[];
      readonly validateOnly: boolean;
      readonly nodeId: number;
    };
    reply: Verdict;
  };
  allocateProducerIds: { request: { readonly count: number }; reply: { readonly first: number } };
};
