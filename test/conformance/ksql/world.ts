import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/seeded-random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { readCommitted } from '../../../src/engine/read-committed.ts';
import { createSession, type Session } from '../../../src/engine/service/session.ts';
import { SqlService } from '../../../src/engine/service/sql-service.ts';
import type { ParsedStatement, StatementOf } from '../../../src/sql/ast.ts';
import type { Source } from '../../../src/sql/catalog.ts';
import { registerFunctions } from '../../../src/sql/functions/registry.ts';
import { parseScript } from '../../../src/sql/parser/parse-script.ts';
import { splitScript } from '../../../src/sql/split-script.ts';
import { MemoryTopics } from '../../../src/testing/memory-topics.ts';
import { CaseSchemas } from './case-schemas.ts';
import type { Case } from './expand.ts';
import { IsolatedEngine } from './isolated-engine.ts';
import { JsonNumber } from './json-text.ts';
import { functions } from './test-functions.ts';
import { type WireRecord, wireRecordOf } from './wire-record.ts';

const DEFAULT_PARTITIONS = 4;

registerFunctions(functions);

/**
 * What a case finds before its first statement, and what its statements make of it: a server's SQL service over
 * topics in memory, and per topic the list of records that the queries of the case read and write.
 */
export class World {
  readonly engine: IsolatedEngine;
  readonly schemas: CaseSchemas;
  readonly #topics = new MemoryTopics();
  readonly #lists = new Map<string, WireRecord[]>();
  readonly #sourceByTopic = new Map<string, Source>();
  /** How far each partition's inserted records have been moved to the lists. */
  readonly #taken = new Map<string, number>();
  readonly #session: Session;
  #service!: SqlService;

  private constructor(test: Case) {
    this.#session = createSession(test.properties);
    this.schemas = new CaseSchemas(test);
    this.engine = new IsolatedEngine(this.schemas.registry);
  }

  static async create(test: Case): Promise<World> {
    const world = new World(test);
    world.#service = await SqlService.start({
      topics: world.#topics,
      engine: world.engine,
      clock: new VirtualClock(0),
      random: new SeededRandom(1),
      logger: silentLogger,
      schemaRegistry: world.schemas.registry,
      serviceId: 'some.ksql.service.id',
      properties: {
        'auto.offset.reset': 'earliest',
        'cache.max.bytes.buffering': '0',
        // What the cases of EMIT FINAL expect is what is lost when time jumps.
        'ksql.suppress.loses.on.jump': 'true',
      },
    });
    for (const [name, partitionCount] of topicsBefore(test))
      await world.#topics.create({ name, partitionCount });
    return world;
  }

  /** Runs one statement; rejects with a KsqlError. Rows it inserts go to their topic's list. */
  async execute(text: string): Promise<void> {
    for (const statement of parsed(text)) this.schemas.before(statement);
    await this.#service.execute(text, this.#session);
    for (const source of this.sources()) {
      if (!this.#sourceByTopic.has(source.topic)) this.#sourceByTopic.set(source.topic, source);
      await this.#takeInserted(source.topic);
    }
  }

  sources(): Source[] {
    return this.#service.sources().map(({ name }) => this.#service.insertTarget(name));
  }

  sourceOf(topic: string): Source | undefined {
    return this.#sourceByTopic.get(topic);
  }

  list(topic: string): WireRecord[] {
    const list = this.#lists.get(topic) ?? [];
    this.#lists.set(topic, list);
    return list;
  }

  async close(): Promise<void> {
    await Promise.all(this.engine.runs.map((run) => run.stop()));
    await this.#service.stop();
  }

  async #takeInserted(topic: string): Promise<void> {
    const [description] = await this.#topics.describe([topic]);
    for (let partition = 0; partition < (description?.partitionCount ?? 0); partition++) {
      const at = { topic, partition };
      const from = this.#taken.get(`${topic}-${partition}`) ?? 0;
      const { highWatermark } = await this.#topics.offsets(at);
      if (from === highWatermark) continue;
      await readCommitted(this.#topics, at, from, highWatermark, (cursor) =>
        this.list(topic).push(wireRecordOf(cursor)),
      );
      this.#taken.set(`${topic}-${partition}`, highWatermark);
    }
  }
}

/** The statements of a case, each with its text; one that does not parse counts all the same. */
export function statementsOf(test: Case): string[] {
  return splitScript(test.script).map(({ text }) => text);
}

/** Statements that parse. */
export function parsedStatementsOf(test: Case): ParsedStatement[] {
  return statementsOf(test).flatMap(parsed);
}

function parsed(text: string): ParsedStatement[] {
  try {
    return parseScript(text);
  } catch {
    return [];
  }
}

/** Declared ones, those under a CREATE with columns, and those named by a record. */
export function topicsBefore(test: Case): Map<string, number> {
  const topics = new Map<string, number>();
  const sources = parsedStatementsOf(test).flatMap(({ statement }) =>
    statement.kind === 'createSource' ? [statement] : [],
  );
  const statedFor = (topic: string) =>
    sources
      .filter((source) => property(source, 'KAFKA_TOPIC') === topic)
      .map((source) => property(source, 'PARTITIONS'))
      .find((partitions) => partitions !== undefined);
  for (const { name, partitions } of test.topics) {
    const declared = partitions instanceof JsonNumber ? partitions.text : statedFor(String(name));
    topics.set(String(name), Number(declared ?? 1));
  }
  for (const source of sources) {
    const topic = source.columns.length === 0 ? undefined : property(source, 'KAFKA_TOPIC');
    if (topic !== undefined && !topics.has(topic))
      topics.set(topic, Number(statedFor(topic) ?? DEFAULT_PARTITIONS));
  }
  for (const { topic } of [...test.inputs, ...test.outputs])
    if (!topics.has(topic)) topics.set(topic, DEFAULT_PARTITIONS);
  return topics;
}

function property({ properties }: StatementOf<'createSource'>, name: string): string | undefined {
  const value = properties.find((candidate) => candidate.name.toUpperCase() === name)?.value;
  if (value?.kind === 'string') return value.value;
  return value?.kind === 'number' ? value.text : undefined;
}
