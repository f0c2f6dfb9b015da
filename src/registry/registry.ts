import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type {
  RegisteredSchema,
  SchemaRegistry,
  SchemaText,
  SubjectVersion,
} from '../serde/schema-registry.ts';
import { topicMachineLog } from '../topics/machine-log.ts';
import { StateMachineRunner } from '../topics/runner.ts';
import { type TopicDescription, TopicError, type Topics } from '../topics/topics.ts';
import type { Decision } from './decision.ts';
import { type Entry, entryCodec } from './entry.ts';
import type { Languages } from './languages.ts';
import { findVersion, placesOfId } from './lookups.ts';
import { registryError } from './registry-error.ts';
import { type RegistryCalls, RegistryMachine } from './registry-machine.ts';
import type { RegistryState } from './registry-state.ts';
import { normalSubject } from './subject.ts';

export const SCHEMAS_TOPIC = '_schemas';

export interface RegistryOptions {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Opened {
  readonly runner: StateMachineRunner<RegistryCalls, Entry>;
  readonly languages: Languages;
  /** What one decision may write: a log that refuses a batch would stop the registry. */
  readonly maxBytes: number;
}

/** Kafka's default of `max.message.bytes`, and what a batch has around its records. */
const MAX_MESSAGE_BYTES = 1_048_588;
const OVERHEAD_BYTES = 1_024;
const RECORD_BYTES = 32;

/**
 * The schema registry of this server. Answers are durable before they are given, reads too. Opened by whoever asks
 * first: a server that has no schemas has neither its topic nor its parsers.
 */
export class Registry implements SchemaRegistry {
  readonly #options: RegistryOptions;
  #opening: Promise<Opened> | undefined;
  #closed = false;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  read<Reply>(look: (state: RegistryState, languages: Languages) => Reply): Promise<Reply> {
    return this.#decide((state, languages) => ({ entries: [], reply: look(state, languages) }));
  }

  write<Reply>(decide: (state: RegistryState, languages: Languages) => Decision<Reply>): Promise<Reply> {
    return this.#decide(decide);
  }

  async latest(subject: string): Promise<SubjectVersion | undefined> {
    return this.read((state) => findVersion(state, normalSubject(subject), 'latest', 'without'));
  }

  async byId(id: number): Promise<RegisteredSchema | undefined> {
    return this.read((state) => placesOfId(state, id, undefined)[0]);
  }

  async version(subject: string, version: number): Promise<SubjectVersion | undefined> {
    return this.read((state) => findVersion(state, normalSubject(subject), version, 'without'));
  }

  async register(subject: string, schema: SchemaText): Promise<number> {
    const { register } = await import('./register.ts');
    const given = { ...schema, normalize: false };
    const { id } = await this.write((state, languages) =>
      register(state, languages, normalSubject(subject), given),
    );
    return id;
  }

  async lookup(subject: string, schema: SchemaText): Promise<SubjectVersion | undefined> {
    const { lookUp } = await import('./register.ts');
    const given = { ...schema, normalize: false };
    return this.read((state, languages) =>
      lookUp(state, languages, normalSubject(subject), given, 'without'),
    );
  }

  async deleteSubject(subject: string): Promise<void> {
    const { deleteSubject } = await import('./deletions.ts');
    const name = normalSubject(subject);
    await this.write((state) =>
      findVersion(state, name, 'latest', 'without') === undefined
        ? { entries: [], reply: [] }
        : deleteSubject(state, name, false),
    );
  }

  async stop(): Promise<void> {
    this.#closed = true;
    const opened = await this.#opening?.catch(() => undefined);
    opened?.runner.close();
  }

  async #decide<Reply>(
    decide: (state: RegistryState, languages: Languages) => Decision<Reply>,
  ): Promise<Reply> {
    try {
      const { runner, languages, maxBytes } = await this.#open();
      const answer = await runner.submit('decide', (state) => {
        const decision = decide(state, languages);
        checkSize(decision.entries, maxBytes);
        return decision;
      });
      if ('error' in answer) throw answer.error;
      return answer.value as Reply;
    } catch (error) {
      throw error instanceof TopicError ? registryError('storeFailed', error.message) : error;
    }
  }

  #open(): Promise<Opened> {
    if (this.#closed) throw registryError('storeFailed', 'The registry is stopping.');
    this.#opening ??= this.#start().catch((error: unknown) => {
      // The next request tries again: a disk may have room again.
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #start(): Promise<Opened> {
    const { topics, clock, logger } = this.#options;
    const maxBytes = await ensureTopic(topics);
    const { Languages } = await import('./languages.ts');
    const runner = await StateMachineRunner.open({
      machine: new RegistryMachine(),
      codec: entryCodec,
      log: topicMachineLog(topics, { topic: SCHEMAS_TOPIC, partition: 0 }),
      clock,
      logger: logger.child({ part: 'registry' }),
    });
    return { runner, languages: new Languages(), maxBytes };
  }
}

function checkSize(entries: readonly Entry[], maxBytes: number): void {
  let bytes = OVERHEAD_BYTES;
  for (const entry of entries) {
    const { key, value } = entryCodec.encode(entry);
    bytes += key.length + (value?.length ?? 0) + RECORD_BYTES;
  }
  if (bytes > maxBytes)
    throw registryError(
      'tooLarge',
      `${bytes} bytes are more than the ${maxBytes} that ${SCHEMAS_TOPIC} takes at once`,
    );
}

/** Resolves with the size of what it takes at once. Throws 50001 for a topic that would lose schemas or their order. */
async function ensureTopic(topics: Topics): Promise<number> {
  const topic = (await topics.describe([SCHEMAS_TOPIC]))[0] ?? (await createTopic(topics));
  const { partitionCount, config } = topic;
  if (partitionCount !== 1)
    throw registryError(
      'storeFailed',
      `The topic ${SCHEMAS_TOPIC} has ${partitionCount} partitions and must have one: somebody else made it; delete it if nothing is in it.`,
    );
  if (config.get('cleanup.policy') !== 'compact')
    throw registryError(
      'storeFailed',
      `The topic ${SCHEMAS_TOPIC} would forget its schemas: set its cleanup.policy to compact.`,
    );
  return Number(config.get('max.message.bytes') ?? MAX_MESSAGE_BYTES);
}

function createTopic(topics: Topics): Promise<TopicDescription> {
  const config = new Map([['cleanup.policy', 'compact']]);
  return topics.create({ name: SCHEMAS_TOPIC, partitionCount: 1, config });
}
