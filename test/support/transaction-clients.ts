import { FULL_ACCESS } from '../../src/broker/access.ts';
import type { Api, RequestContext } from '../../src/broker/api.ts';
import { produce } from '../../src/broker/apis/00-produce.ts';
import { initProducerId } from '../../src/broker/apis/22-init-producer-id.ts';
import { addPartitionsToTxn } from '../../src/broker/apis/24-add-partitions-to-txn.ts';
import { addOffsetsToTxn } from '../../src/broker/apis/25-add-offsets-to-txn.ts';
import { endTxn } from '../../src/broker/apis/26-end-txn.ts';
import { txnOffsetCommit } from '../../src/broker/apis/28-txn-offset-commit.ts';
import type { ControlPlane } from '../../src/broker/apis/control-plane.ts';
import { type ErrorName, errorByCode } from '../../src/protocol/errors.ts';
import { sealBatch } from '../../src/record/batch-builder.ts';
import type { openLocal } from './local-storage.ts';
import { batchOf } from './records.ts';

type Local = Awaited<ReturnType<typeof openLocal>>;

/** The handlers of a server that has no sockets. */
export class Handlers {
  readonly #apis: ReadonlyMap<string, Api>;

  constructor({ registry, groups, transactions }: Local) {
    const plane = { registry, groups, transactions } as unknown as ControlPlane;
    const apis = [
      produce({
        topics: registry,
        checkTransaction: ({ transactionalId, mayJoin, ...batch }) =>
          mayJoin
            ? transactions.joinWrite(transactionalId, batch, batch)
            : { error: transactions.verifyWrite(transactionalId, batch, batch) },
      }),
      ...[initProducerId, addPartitionsToTxn, addOffsetsToTxn, endTxn, txnOffsetCommit].map((api) =>
        api(plane),
      ),
    ];
    this.#apis = new Map(apis.map((api) => [api.name, api]));
  }

  /** The answer's first error code, by name, and the answer. */
  async call(
    name: string,
    apiVersion: number,
    request: object,
  ): Promise<{ error: ErrorName; answer: Answer }> {
    const context = { apiVersion, access: FULL_ACCESS } as unknown as RequestContext;
    const answer = await this.#apis.get(name)!.handle(request as never, context);
    let code = 0;
    JSON.stringify(answer, (key, value) => {
      if (code === 0 && /errorCode$/i.test(key)) code = value;
      return value;
    });
    return { error: errorByCode(code).name as ErrorName, answer: answer as Answer };
  }
}

interface Answer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** What became of a transaction, as far as its client knows. */
export interface History {
  outcome: 'open' | 'committed' | 'aborted' | 'unknown';
  /** Acknowledged values and those that may have arrived, by partition, in their order. */
  readonly values: { readonly partition: number; readonly value: string; acknowledged: boolean }[];
  offset: number | undefined;
}

/** Nothing is known of the call: the server went down, or will answer better the next time. */
const RETRIABLE: readonly ErrorName[] = [
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'NOT_ENOUGH_REPLICAS',
];

/** A server that may go down and come up again. */
export interface Server {
  /** Resolves when it is up. */
  up(): Promise<Handlers>;
}

/**
 * A transactional client by the rules of KIP-98 or KIP-890, which repeats a call until it knows its outcome and keeps
 * book of what it was promised.
 */
export class TransactionalClient {
  readonly histories: History[] = [];
  readonly #server: Server;
  readonly #id: string;
  readonly name: string;
  readonly #version: 1 | 2;
  #identity: { producerId: number; producerEpoch: number } | undefined;
  #sequences = new Map<number, number>();
  #announced = new Set<string>();
  fenced = false;
  /** How to make the requests of earlier transactions again. */
  readonly #sent: (() => object)[] = [];

  constructor(server: Server, id: string, name: string, version: 1 | 2) {
    this.#server = server;
    this.#id = id;
    this.name = name;
    this.#version = version;
  }

  get current(): History | undefined {
    const last = this.histories.at(-1);
    return last?.outcome === 'open' ? last : undefined;
  }

  /** Takes the transactional id over. */
  async init(): Promise<void> {
    const { error, answer } = await this.#call('InitProducerId', 4, {
      transactionTimeoutMs: 60_000,
      producerId: -1,
      producerEpoch: -1,
    });
    if (error !== 'NONE') throw new Error(`InitProducerId: ${error}`);
    this.#become(answer);
  }

  async send(partition: number): Promise<void> {
    const history = this.#open();
    const value = `${this.name}:${this.histories.length}:${history.values.length}`;
    if (
      !(await this.#announce(`t-${partition}`, 'AddPartitionsToTxn', 3, {
        v3AndBelowTransactionalId: this.#id,
        v3AndBelowProducerId: this.#identity?.producerId,
        v3AndBelowProducerEpoch: this.#identity?.producerEpoch,
        v3AndBelowTopics: [{ name: 't', partitions: [partition] }],
      }))
    )
      return;
    const baseSequence = this.#sequences.get(partition) ?? 0;
    const sent = { partition, value, acknowledged: false };
    history.values.push(sent);
    const owner = { transactionalId: this.#id, ...this.#identity };
    const request = () => {
      const records = batchOf(value);
      sealBatch(records, { ...owner, baseSequence, transactional: true });
      return {
        ...owner,
        acks: -1,
        topicData: [{ name: 't', partitionData: [{ index: partition, records }] }],
      };
    };
    this.#sent.push(request);
    const { error } = await this.#call('Produce', this.#version === 2 ? 12 : 9, request);
    if (error === 'NONE') {
      sent.acknowledged = true;
      this.#sequences.set(partition, baseSequence + 1);
    } else this.#failed(error);
  }

  async commitOffset(offset: number): Promise<void> {
    const history = this.#open();
    const group = { groupId: this.#id, memberId: '', groupInstanceId: null, generationId: -1 };
    if (!(await this.#announce('offsets', 'AddOffsetsToTxn', 3, { groupId: this.#id }))) return;
    const partitions = [
      { partitionIndex: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: '' },
    ];
    const { error } = await this.#call('TxnOffsetCommit', this.#version === 2 ? 5 : 3, {
      ...group,
      topics: [{ name: 't', partitions }],
    });
    if (error === 'NONE') history.offset = offset;
    else this.#failed(error);
  }

  async end(committed: boolean): Promise<void> {
    const history = this.current;
    if (history === undefined) return;
    history.outcome = 'unknown';
    const { error, answer, tries } = await this.#call('EndTxn', this.#version === 2 ? 5 : 3, { committed });
    if (error !== 'NONE') {
      // An earlier try may have been carried out before somebody else took over.
      if (tries === 1 || !committed) history.outcome = 'open';
      this.#failed(error);
      return;
    }
    history.outcome = committed ? 'committed' : 'aborted';
    this.#announced.clear();
    if (this.#version === 2) this.#become(answer);
  }

  /** A request of an earlier transaction that was long on its way. */
  async sendLate(): Promise<void> {
    const late = this.#sent.at(-1);
    if (late === undefined || this.current !== undefined) return;
    const handlers = await this.#server.up();
    await handlers.call('Produce', this.#version === 2 ? 12 : 9, late());
  }

  /** Nobody will hear of this client again. */
  die(): void {
    this.fenced = true;
    if (this.current !== undefined) this.current.outcome = 'aborted';
  }

  #open(): History {
    if (this.current === undefined) this.histories.push({ outcome: 'open', values: [], offset: undefined });
    return this.current!;
  }

  #become({ producerId, producerEpoch }: Answer): void {
    this.#identity = { producerId, producerEpoch };
    this.#sequences.clear();
    this.#announced.clear();
  }

  async #announce(what: string, name: string, version: number, request: object): Promise<boolean> {
    if (this.#version === 2 || this.#announced.has(what)) return true;
    const { error } = await this.#call(name, version, request);
    if (error === 'NONE') this.#announced.add(what);
    else this.#failed(error);
    return error === 'NONE';
  }

  /** The transaction is lost; unless somebody else has the id, the client goes on with a new epoch. */
  #failed(error: ErrorName): void {
    if (this.current !== undefined) this.current.outcome = 'aborted';
    if (error === 'PRODUCER_FENCED' || error === 'INVALID_PRODUCER_EPOCH') this.fenced = true;
    else throw new Error(`${this.name}: ${error}`);
  }

  async #call(
    name: string,
    version: number,
    request: object | (() => object),
  ): Promise<{ error: ErrorName; answer: Answer; tries: number }> {
    for (let tries = 0; ; ) {
      const handlers = await this.#server.up();
      tries++;
      const fields = typeof request === 'function' ? request() : request;
      const body = { transactionalId: this.#id, ...this.#identity, ...fields };
      const result = await handlers.call(name, version, body);
      // An answer that left a server which is down since counts: the client has it.
      if (!RETRIABLE.includes(result.error)) return { ...result, tries };
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** A producer without transactions: it repeats each batch until it is acknowledged, several in flight at a time. */
export class IdempotentClient {
  /** Acknowledged values in their order, by partition. */
  readonly acknowledged = new Map<number, string[]>();
  readonly #server: Server;
  readonly #sequences = new Map<number, number>();
  #producerId: number | undefined;

  constructor(server: Server) {
    this.#server = server;
  }

  /** Sends the batches in their order, as a client with several requests in flight does, and repeats all of them. */
  async send(partition: number, count: number): Promise<void> {
    const batches: { baseSequence: number; value: string }[] = [];
    for (let i = 0; i < count; i++) {
      const baseSequence = this.#sequences.get(partition) ?? 0;
      this.#sequences.set(partition, baseSequence + 1);
      batches.push({ baseSequence, value: `idempotent:${partition}:${baseSequence}` });
    }
    while (batches.length > 0) {
      const handlers = await this.#server.up();
      const owner = await this.#identity(handlers);
      const answers = await Promise.all(
        batches.map(({ baseSequence, value }) => {
          const records = batchOf(value);
          sealBatch(records, { ...owner, baseSequence });
          const topicData = [{ name: 't', partitionData: [{ index: partition, records }] }];
          return handlers.call('Produce', 9, { transactionalId: null, acks: -1, topicData });
        }),
      );
      const failed = answers.findIndex(({ error }) => error !== 'NONE');
      const done = failed < 0 ? answers.length : failed;
      const values = this.acknowledged.get(partition) ?? [];
      this.acknowledged.set(partition, [...values, ...batches.splice(0, done).map(({ value }) => value)]);
      const error = answers[failed]?.error ?? 'NONE';
      if (error !== 'NONE' && !RETRIABLE.includes(error)) throw new Error(`idempotent: ${error}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #identity(handlers: Handlers): Promise<{ producerId: number; producerEpoch: number }> {
    while (this.#producerId === undefined) {
      const request = { transactionalId: null, producerId: -1, producerEpoch: -1 };
      const { error, answer } = await handlers.call('InitProducerId', 4, request);
      if (error === 'NONE') this.#producerId = answer.producerId;
      else await this.#server.up();
    }
    return { producerId: this.#producerId, producerEpoch: 0 };
  }
}
