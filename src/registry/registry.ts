import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import {
  type RegisteredSchema,
  type SchemaRegistry,
  SchemaRegistryError,
  type SchemaText,
  type SubjectVersion,
} from '../serde/schema-registry.ts';
import { topicMachineLog } from '../topics/machine-log.ts';
import { StateMachineRunner } from '../topics/runner.ts';
import { TopicError, type Topics } from '../topics/topics.ts';
import type { Decision } from './decision.ts';
import { type Entry, entryCodec } from './entry.ts';
import type { Languages } from './languages.ts';
import { findVersion, placesOfId } from './lookups.ts';
import { CODES, registryError } from './registry-error.ts';
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
}

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

  async stop(): Promise<void> {
    this.#closed = true;
    const opened = await this.#opening?.catch(() => undefined);
    opened?.runner.close();
  }

  async #decide<Reply>(
    decide: (state: RegistryState, languages: Languages) => Decision<Reply>,
  ): Promise<Reply> {
    try {
      const { runner, languages } = await this.#open();
      const answer = await runner.submit('decide', (state) => decide(state, languages));
      if ('error' in answer) throw answer.error;
      return answer.value as Reply;
    } catch (error) {
      throw error instanceof TopicError ? storeError(error) : error;
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
    await ensureTopic(topics);
    const { Languages } = await import('./languages.ts');
    const runner = await StateMachineRunner.open({
      machine: new RegistryMachine(),
      codec: entryCodec,
      log: topicMachineLog(topics, { topic: SCHEMAS_TOPIC, partition: 0 }),
      clock,
      logger: logger.child({ part: 'registry' }),
    });
    return { runner, languages: new Languages() };
  }
}

/** A log that refuses a record for its size is the asker's concern, any other failure is not. */
function storeError({ code, message }: TopicError): SchemaRegistryError {
  const isTooLarge = code === 'MESSAGE_TOO_LARGE' || code === 'RECORD_LIST_TOO_LARGE';
  return new SchemaRegistryError(message, isTooLarge ? CODES.tooLarge : CODES.storeFailed);
}

async function ensureTopic(topics: Topics): Promise<void> {
  if ((await topics.describe([SCHEMAS_TOPIC])).length > 0) return;
  try {
    const config = new Map([['cleanup.policy', 'compact']]);
    await topics.create({ name: SCHEMAS_TOPIC, partitionCount: 1, config });
  } catch (error) {
    if (!(error instanceof TopicError && error.code === 'TOPIC_ALREADY_EXISTS')) throw error;
  }
}
