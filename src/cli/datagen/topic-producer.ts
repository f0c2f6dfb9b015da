import type { Buffer } from 'node:buffer';
import { formatHostPort, type HostPort } from '../../base/address.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import { partitionOfKey } from '../../engine/murmur2.ts';
import { errorByCode } from '../../protocol/errors.ts';
import { writeBatchCrc } from '../../record/batch.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { ClientError } from '../client-error.ts';
import { KafkaConnection } from './kafka-connection.ts';
import type { KafkaSecurity } from './kafka-security.ts';

export interface ProducerOptions {
  readonly topic: string;
  readonly bootstrap: readonly HostPort[];
  readonly security: KafkaSecurity;
  readonly clock: Clock;
}

export interface KeyedRecord {
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

const TIMEOUT_MS = 30_000;
const RETRIES = 20;
const RETRY_PAUSE_MS = 250;
/** Kafka's own default is the cluster's (KIP-464). */
const CLUSTER_DEFAULT = -1;
const ACKS_ALL = -1;
const UNKNOWN_TOPIC = 'UNKNOWN_TOPIC_OR_PARTITION';

/**
 * Writes records to one topic, which is made when it is not there, each to the partition that Kafka's clients choose for
 * its key. Acknowledged by all replicas; what fails for a while is sent again, so that a record may come twice.
 *
 *   records --murmur2 of the key--> a batch a partition --> the partition's leader
 */
export class TopicProducer {
  readonly #topic: string;
  readonly #bootstrap: readonly HostPort[];
  readonly #security: KafkaSecurity;
  readonly #clock: Clock;
  readonly #connections = new Map<string, KafkaConnection>();
  /** The leader of each partition. */
  #leaders: readonly HostPort[] = [];
  #keyless = 0;

  private constructor({ topic, bootstrap, security, clock }: ProducerOptions) {
    this.#topic = topic;
    this.#bootstrap = bootstrap;
    this.#security = security;
    this.#clock = clock;
  }

  static async open(options: ProducerOptions): Promise<TopicProducer> {
    const producer = new TopicProducer(options);
    try {
      await producer.#retrying(() => producer.#findLeaders());
    } catch (error) {
      producer.close();
      throw error;
    }
    return producer;
  }

  /** Resolves when all are acknowledged. */
  async send(records: readonly KeyedRecord[]): Promise<void> {
    const builders = new Map<number, BatchBuilder>();
    for (const { timestampMs, key, value } of records) {
      const partition = this.#partitionOf(key);
      let builder = builders.get(partition);
      if (!builder) {
        builder = new BatchBuilder();
        builders.set(partition, builder);
      }
      builder.append(timestampMs, key, value);
    }
    await Promise.all(
      Array.from(builders, ([partition, builder]) => {
        const batch = builder.build();
        writeBatchCrc(batch, 0);
        return this.#retrying(() => this.#produce(partition, batch));
      }),
    );
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
  }

  #partitionOf(key: Uint8Array | null): number {
    return key ? partitionOfKey(key, this.#leaders.length) : this.#keyless++ % this.#leaders.length;
  }

  /** The error that may pass, if any. */
  async #produce(index: number, records: Buffer): Promise<string | undefined> {
    const connection = await this.#connection(this.#leaders[index]!);
    const answer = await connection.request('Produce', {
      acks: ACKS_ALL,
      timeoutMs: TIMEOUT_MS,
      topicData: [{ name: this.#topic, partitionData: [{ index, records }] }],
    });
    return passing(answer.responses[0]!.partitionResponses[0]!, `writing to ${this.#topic}-${index}`);
  }

  /** Runs until there is no error; every error that may pass is a reason to look for the leaders again. */
  async #retrying(step: () => Promise<string | undefined>): Promise<void> {
    let fault = await step();
    for (let left = RETRIES; fault !== undefined; left--) {
      if (left === 0) throw new ClientError(`Topic ${this.#topic} cannot be written to: ${fault}`);
      await sleep(this.#clock, RETRY_PAUSE_MS);
      fault = (await this.#findLeaders()) ?? (await step());
    }
  }

  async #findLeaders(): Promise<string | undefined> {
    const connection = await this.#anyConnection();
    const { brokers, topics, controllerId } = await connection.request('Metadata', {
      topics: [{ name: this.#topic }],
      allowAutoTopicCreation: false,
    });
    const addresses = new Map(brokers.map((broker) => [broker.nodeId, broker]));
    const topic = topics[0]!;
    if (errorByCode(topic.errorCode).name === UNKNOWN_TOPIC) {
      const controller = addresses.get(controllerId);
      return this.#create(controller ? await this.#connection(controller) : connection);
    }
    const fault = passing(topic, `looking for topic ${this.#topic}`);
    if (fault !== undefined) return fault;
    const leaders: HostPort[] = [];
    for (const { partitionIndex, leaderId } of topic.partitions) {
      const leader = addresses.get(leaderId);
      if (!leader) return `partition ${partitionIndex} has no leader`;
      leaders[partitionIndex] = leader;
    }
    this.#leaders = leaders;
    return undefined;
  }

  async #create(controller: KafkaConnection): Promise<string> {
    const answer = await controller.request('CreateTopics', {
      topics: [{ name: this.#topic, numPartitions: CLUSTER_DEFAULT, replicationFactor: CLUSTER_DEFAULT }],
      timeoutMs: TIMEOUT_MS,
    });
    const created = answer.topics[0]!;
    if (errorByCode(created.errorCode).name !== 'TOPIC_ALREADY_EXISTS')
      passing(created, `making topic ${this.#topic}`);
    return 'it has just been made';
  }

  async #anyConnection(): Promise<KafkaConnection> {
    let failure: unknown;
    for (const address of this.#bootstrap)
      try {
        return await this.#connection(address);
      } catch (error) {
        failure = error;
      }
    throw failure;
  }

  async #connection(address: HostPort): Promise<KafkaConnection> {
    const where = formatHostPort(address);
    const known = this.#connections.get(where);
    if (known?.isOpen) return known;
    const opened = await KafkaConnection.open(address, this.#security);
    const other = this.#connections.get(where);
    if (other?.isOpen) {
      opened.close();
      return other;
    }
    this.#connections.set(where, opened);
    return opened;
  }
}

/** Undefined where all is well, the reason where another try may help. Throws ClientError where none will. */
function passing(
  { errorCode, errorMessage }: { readonly errorCode: number; readonly errorMessage?: string | null },
  doing: string,
): string | undefined {
  const error = errorByCode(errorCode);
  if (error.name === 'NONE') return undefined;
  const reason = `${error.name}: ${errorMessage ?? error.message}`;
  if (!error.retriable) throw new ClientError(`${doing} failed with ${reason}`);
  return reason;
}
