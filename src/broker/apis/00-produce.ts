import { Buffer } from 'node:buffer';
import { LogError, type RecordFault } from '../../log/log-error.ts';
import type { Appended } from '../../log/log-types.ts';
import type { PartitionLog } from '../../log/partition-log.ts';
import type { Draft } from '../../protocol/draft.ts';
import { type ErrorName, errorByName } from '../../protocol/errors.ts';
import type { ProduceRequest, ProduceResponse } from '../../protocol/messages.gen.ts';
import {
  BATCH_HEADER_BYTES,
  batchCodec,
  batchIsTransactional,
  batchProducerEpoch,
  batchProducerId,
  checkBatchHeader,
} from '../../record/batch.ts';
import { CompressionError } from '../../record/compression-error.ts';
import { CorruptRecordError } from '../../record/corrupt-record-error.ts';
import { toBatch } from '../../record/message-set.ts';
import { TopicError } from '../../topics/topics.ts';
import type { Access } from '../access.ts';
import { type Api, api } from '../api.ts';
import { ConnectionError } from '../connection-error.ts';
import type { DataPlane } from './data-plane.ts';
import { missingLogError } from './shared.ts';

type TopicResponse = Draft<ProduceResponse['responses'][number]>;
type PartitionResponse = Draft<ProduceResponse['responses'][number]['partitionResponses'][number]>;
type Dependencies = Pick<DataPlane, 'topics' | 'checkTransaction'>;

/** Why a partition takes nothing: response data, not an exception. */
interface Refusal {
  readonly error: ErrorName;
  readonly message: string;
  readonly records?: readonly RecordFault[];
}

interface Accepted {
  readonly log: PartitionLog;
  readonly appended: Appended;
  /** Set when the partition joined its transaction with this write. */
  readonly announced?: Promise<{ readonly error: ErrorName }> | undefined;
}

/** Older ones carry message sets of magic 0 or 1. */
const FIRST_VERSION_WITH_BATCHES = 3;
const ZSTD = 4;
/** KIP-110: a client that sends an older version cannot know zstd. */
const FIRST_VERSION_WITH_ZSTD = 7;
/** KIP-890: a client of an older version would not know what to do about TRANSACTION_ABORTABLE. */
const FIRST_VERSION_WITH_ABORTABLE = 11;
const FIRST_VERSION_THAT_JOINS = 12;
const FIRST_VERSION_WITH_TOPIC_IDS = 13;

/**
 * Produce: advertised 0-13, accepted 3-13 (librdkafka turns compression off when 0 is missing, KAFKA-18659).
 * - All partitions are appended before the first wait, so that pipelined requests keep their order; acks=1 and
 *   acks=-1 both answer when every batch is durable.
 * - Each partition fails by itself. acks=0 has no response: an error ends the connection instead.
 * - v0-2, where they are accepted, bring message sets, which become batches.
 * - v7 allows zstd; v8+ names bad records (KIP-467); v12+ begins transactions and adds partitions to them without an
 *   announcement (KIP-890); v13 names topics by id.
 */
export const produce = (deps: Dependencies): Api =>
  api(
    'Produce',
    [0, 13],
    async (request, { apiVersion, access }) => {
      const refusal = transactionRefusal(request, access);
      const responses = request.topicData.map((topic) => {
        const name = topicName(deps, topic, apiVersion);
        const outcomes = topic.partitionData.map(({ index, records }) => ({
          index,
          outcome:
            refusal ?? append(deps, request, { topic: name, partition: index, records }, apiVersion, access),
        }));
        return { topic, outcomes };
      });
      if (request.acks === 0) return await endOnError(responses.flatMap((each) => each.outcomes));
      const answer: Draft<ProduceResponse> & { responses: TopicResponse[] } = { responses: [] };
      for (const { topic, outcomes } of responses) {
        const partitionResponses: PartitionResponse[] = [];
        // One after another: they are all on their way to the disk, and the last one is waited for anyway.
        for (const { index, outcome } of outcomes) partitionResponses.push(await respond(index, outcome));
        answer.responses.push({ name: topic.name, topicId: topic.topicId, partitionResponses });
      }
      return answer;
    },
    { overlaps: true, letsGo: true },
  );

function topicName(
  { topics }: Dependencies,
  topic: ProduceRequest['topicData'][number],
  version: number,
): string | Refusal {
  if (version < FIRST_VERSION_WITH_TOPIC_IDS) return topic.name;
  const found = topics.findById(topic.topicId);
  return (
    found?.name ?? { error: 'UNKNOWN_TOPIC_ID', message: `there is no topic with the id ${topic.topicId}` }
  );
}

const NOT_AUTHORIZED: Refusal = {
  error: 'TOPIC_AUTHORIZATION_FAILED',
  message: errorByName('TOPIC_AUTHORIZATION_FAILED').message,
};

/** Whoever may not use the transactional id writes nothing at all. */
function transactionRefusal({ transactionalId }: ProduceRequest, access: Access): Refusal | undefined {
  if (transactionalId === null || access.may('WRITE', 'TRANSACTIONAL_ID', transactionalId)) return undefined;
  const error = 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED';
  return { error, message: errorByName(error).message };
}

function append(
  deps: Dependencies,
  { acks, transactionalId }: ProduceRequest,
  target: { readonly topic: string | Refusal; readonly partition: number; readonly records: Buffer | null },
  version: number,
  access: Access,
): Accepted | Refusal {
  const { topics } = deps;
  const { topic, partition, records } = target;
  if (acks < -1 || acks > 1)
    return { error: 'INVALID_REQUIRED_ACKS', message: `acks=${acks} is not -1, 0 or 1` };
  if (typeof topic !== 'string') return topic;
  if (!access.may('WRITE', 'TOPIC', topic)) return NOT_AUTHORIZED;
  const log = topics.partitionLog(topic, partition);
  if (log === undefined)
    return { error: missingLogError(topics, topic, partition), message: `${topic}-${partition} is not here` };
  // What the coordinators keep there is theirs alone; a forged record would become their state.
  if (topics.find(topic)?.internal)
    return { error: 'INVALID_TOPIC_EXCEPTION', message: `${topic} is written by the server alone` };
  if (version < FIRST_VERSION_WITH_BATCHES) return appendMessages(log, records);
  if (records === null || records.length < BATCH_HEADER_BYTES)
    return { error: 'INVALID_RECORD', message: 'the request holds no whole record batch for this partition' };
  if (version < FIRST_VERSION_WITH_ZSTD && batchCodec(records, 0) === ZSTD)
    return { error: 'UNSUPPORTED_COMPRESSION_TYPE', message: 'zstd needs Produce version 7' };
  const joined = joinTransaction(deps, transactionalId, { topic, partition, records }, version);
  if ('error' in joined) return joined;
  try {
    const { announced, beginsAtZero } = joined;
    return { log, appended: log.append(records, { origin: 'client', beginsAtZero }), announced };
  } catch (error) {
    return refusalOf(error);
  }
}

/** Whether a transaction is open for this batch, or begins with it; a plain batch needs none. */
function joinTransaction(
  { checkTransaction }: Dependencies,
  transactionalId: string | null,
  { topic, partition, records }: { topic: string; partition: number; records: Buffer },
  version: number,
): (Pick<Accepted, 'announced'> & { readonly beginsAtZero: boolean }) | Refusal {
  // A header that makes no sense is refused by the log, which says why.
  if (checkBatchHeader(records, 0) !== undefined || !batchIsTransactional(records, 0))
    return { beginsAtZero: false };
  if (transactionalId === null)
    return {
      error: 'INVALID_RECORD',
      message: 'a transactional batch needs a transactional id in its request',
    };
  const producerId = batchProducerId(records, 0);
  const producerEpoch = batchProducerEpoch(records, 0);
  const mayJoin = version >= FIRST_VERSION_THAT_JOINS;
  const batch = { transactionalId, producerId, producerEpoch, topic, partition, mayJoin };
  const { error, announced } = checkTransaction(batch);
  return error === 'NONE' ? { announced, beginsAtZero: mayJoin } : unverified(error, version);
}

/** What agents from before Kafka 0.11 send is kept as a batch, like everything else. */
function appendMessages(log: PartitionLog, messages: Buffer | null): Accepted | Refusal {
  try {
    return { log, appended: log.append(toBatch(messages ?? Buffer.alloc(0)), { origin: 'client' }) };
  } catch (error) {
    if (error instanceof CorruptRecordError || error instanceof CompressionError)
      return { error: 'CORRUPT_MESSAGE', message: error.message };
    return refusalOf(error);
  }
}

/** Why a write is not in a transaction, in errors that clients of this version take as they are meant. */
function unverified(error: ErrorName, version: number): Refusal {
  if (error === 'TRANSACTION_ABORTABLE' && version < FIRST_VERSION_WITH_ABORTABLE)
    return { error: 'INVALID_TXN_STATE', message: 'Partition was not added to the transaction' };
  const isOld = version < FIRST_VERSION_THAT_JOINS;
  if ((error === 'CONCURRENT_TRANSACTIONS' && isOld) || error === 'COORDINATOR_NOT_AVAILABLE') {
    const message = `Unable to verify the partition has been added to the transaction. Underlying error: ${error}`;
    return { error: 'NOT_ENOUGH_REPLICAS', message };
  }
  return { error, message: errorByName(error).message };
}

async function respond(index: number, outcome: Accepted | Refusal): Promise<PartitionResponse> {
  if ('error' in outcome) return failed(index, outcome);
  const { log, appended, announced } = outcome;
  try {
    await appended.durable;
    if (announced !== undefined) await announced;
  } catch (error) {
    return failed(index, refusalOf(error));
  }
  return {
    index,
    baseOffset: appended.baseOffset,
    logAppendTimeMs: appended.logAppendTimeMs,
    logStartOffset: log.logStartOffset,
  };
}

function failed(index: number, { error, message, records = [] }: Refusal): PartitionResponse {
  return {
    index,
    errorCode: errorByName(error).code,
    baseOffset: -1,
    errorMessage: message,
    recordErrors: records.map((record) => ({
      batchIndex: record.index,
      batchIndexErrorMessage: record.message,
    })),
  };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof LogError) return { error: error.code, message: error.message, records: error.records };
  // The coordinator could not note that the partition is a part of the transaction.
  if (error instanceof TopicError) return { error: 'KAFKA_STORAGE_ERROR', message: error.message };
  throw error;
}

/**
 * Closing the connection is the only way to tell a producer that waits for nothing. The request still counts until
 * its batches are durable, which slows down a producer that is faster than the disk.
 */
async function endOnError(outcomes: readonly { readonly outcome: Accepted | Refusal }[]): Promise<null> {
  const refusals = await Promise.all(
    outcomes.map(async ({ outcome }) => {
      if ('error' in outcome) return outcome;
      return await outcome.appended.durable.then(() => outcome.announced).then(() => null, refusalOf);
    }),
  );
  const refusal = refusals.find((each) => each !== null);
  if (refusal) throw new ConnectionError(`a Produce with acks=0 failed: ${refusal.message}`);
  return null;
}
