// Share groups whose server is killed: nothing accepted comes again, nothing else is lost.
import assert from 'node:assert/strict';
import type { Buffer } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { it } from 'node:test';
import type { ShareFetchResponse } from '../../src/protocol/messages.gen.ts';
import { walkBatches } from '../../src/record/batch.ts';
import { sealBatch } from '../../src/record/batch-builder.ts';
import { RecordCursor } from '../../src/record/record-cursor.ts';
import { afterTest } from '../support/after-test.ts';
import { RawClient } from '../support/raw-client.ts';
import { batchOf } from '../support/records.ts';
import { type ServerProcess, startServer, temporaryFolder } from '../support/server.ts';

const KILLS = 4;
const MEMBERS = 3;
const ROUNDS_MS = 700;
const [ACCEPT, RELEASE] = [1, 2];

interface Promised {
  readonly produced: Set<string>;
  readonly accepted: Set<string>;
  /** Sent, answer never seen. */
  readonly maybeAccepted: Set<string>;
}

async function connect(server: ServerProcess): Promise<RawClient> {
  return RawClient.connect(Number(server.kafka.split(':')[1]));
}

/** Sends records one after another until the connection ends. */
async function produce(server: ServerProcess, promised: Promised, name: string): Promise<void> {
  const client = await connect(server);
  for (let n = 0; ; n++) {
    const value = `${name}-${n}`;
    const records = batchOf(value);
    sealBatch(records, {});
    const topicData = [{ name: 'work', partitionData: [{ index: n % 2, records }] }];
    const response = await client
      .request('Produce', 9, { acks: -1, timeoutMs: 1000, topicData })
      .catch(() => undefined);
    if (response === undefined) return;
    assert.equal(response.responses[0]!.partitionResponses[0]!.errorCode, 0);
    promised.produced.add(value);
  }
}

interface Got {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
}

function recordsOf({ responses }: ShareFetchResponse): Got[] {
  const cursor = new RecordCursor();
  const found: Got[] = [];
  for (const { partitions } of responses) {
    for (const { partitionIndex: partition, records, acquiredRecords } of partitions) {
      const bytes: Buffer = records;
      for (const position of walkBatches(bytes)) {
        cursor.reset(bytes, position);
        while (cursor.next()) {
          const { offset } = cursor;
          if (
            acquiredRecords.some(
              ({ firstOffset, lastOffset }) => firstOffset <= offset && offset <= lastOffset,
            )
          )
            found.push({ partition, offset, value: String(cursor.value()) });
        }
      }
    }
  }
  return found;
}

/** A member that accepts most of what it gets, until the connection ends or, asked to, nothing comes any more. */
async function consume(server: ServerProcess, promised: Promised, memberId: string, untilEmpty: boolean) {
  const client = await connect(server);
  const request = { groupId: 'workers', memberId };
  try {
    const subscribedTopicNames = ['work'];
    const joined = await client.request('ShareGroupHeartbeat', 1, {
      ...request,
      memberEpoch: 0,
      subscribedTopicNames,
    });
    assert.equal(joined.errorCode, 0, joined.errorMessage ?? '');
    const { topics } = await client.request('Metadata', 12, { topics: [{ name: 'work' }] });
    const { topicId } = topics[0]!;
    for (let shareSessionEpoch = 0; ; shareSessionEpoch += 2) {
      const partitions = [0, 1].map((partitionIndex) => ({ partitionIndex }));
      const fetched = await client.request('ShareFetch', 1, {
        ...{ ...request, shareSessionEpoch, maxWaitMs: 100, minBytes: 1, maxRecords: 20, batchSize: 20 },
        topics: [{ topicId, partitions }],
      });
      assert.equal(fetched.errorCode, 0);
      const records = recordsOf(fetched);
      for (const { value } of records)
        assert.ok(!promised.accepted.has(value), `${value} was accepted and came again`);
      if (records.length === 0 && untilEmpty) return;
      const fates = records.map((record, index) => ({
        ...record,
        type: !untilEmpty && index % 5 === 4 ? RELEASE! : ACCEPT!,
      }));
      const accepted = fates.filter(({ type }) => type === ACCEPT).map(({ value }) => value);
      for (const value of accepted) promised.maybeAccepted.add(value);
      const acknowledged = await client.request('ShareAcknowledge', 1, {
        ...{ ...request, shareSessionEpoch: shareSessionEpoch + 1 },
        topics: [0, 1].map((partitionIndex) => ({
          topicId,
          partitions: [
            {
              partitionIndex,
              acknowledgementBatches: fates
                .filter(({ partition }) => partition === partitionIndex)
                .map(({ offset, type }) => ({
                  firstOffset: offset,
                  lastOffset: offset,
                  acknowledgeTypes: [type],
                })),
            },
          ],
        })),
      });
      for (const { partitions: results } of acknowledged.responses)
        for (const { errorCode } of results) assert.equal(errorCode, 0);
      for (const value of accepted) {
        promised.maybeAccepted.delete(value);
        promised.accepted.add(value);
      }
    }
  } catch (error) {
    // The server is gone, and with it the connection.
    if (!String(error).includes('closed the connection')) throw error;
  } finally {
    client.close();
  }
}

it('share groups deliver what was not accepted, and nothing else, however often the server is killed', {
  timeout: 120_000,
}, async (t) => {
  const data = await temporaryFolder(t);
  const settings = await temporaryFolder(t);
  const args = ['--config', `${settings}/broker.properties`];
  // Released records come back for as often as the test likes.
  writeFileSync(`${settings}/broker.properties`, 'group.share.delivery.count.limit=10\n');
  let server = await startServer({ data, args });
  afterTest(t, () => server.kill());
  const admin = await connect(server);
  await admin.request('CreateTopics', 7, {
    topics: [{ name: 'work', numPartitions: 2, replicationFactor: 1 }],
    timeoutMs: 5000,
  });
  const configs = [{ name: 'share.auto.offset.reset', value: 'earliest', configOperation: 0 }];
  await admin.request('IncrementalAlterConfigs', 1, {
    resources: [{ resourceType: 32, resourceName: 'workers', configs }],
  });
  admin.close();

  const promised: Promised = { produced: new Set(), accepted: new Set(), maybeAccepted: new Set() };
  for (let kill = 1; kill <= KILLS; kill++) {
    const work = [
      produce(server, promised, `k${kill}`),
      ...Array.from({ length: MEMBERS }, (_, n) => consume(server, promised, `member-${kill}-${n}`, false)),
    ];
    await new Promise((resolve) => setTimeout(resolve, ROUNDS_MS));
    await server.kill();
    await Promise.all(work);
    server = await startServer({ data, args });
  }
  await consume(server, promised, 'last', true);
  const missing = [...promised.produced].filter(
    (value) => !promised.accepted.has(value) && !promised.maybeAccepted.has(value),
  );
  assert.ok(promised.produced.size > 20, `only ${promised.produced.size} records were produced`);
  assert.deepEqual(missing, []);
});
