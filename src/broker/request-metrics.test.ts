import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startWireServer } from '../../test/support/wire-server.ts';
import { clientBatch } from '../log/log-fixture.ts';
import { MESSAGES } from '../protocol/messages.gen.ts';
import { errorWalk } from './error-codes.ts';

describe('the metrics of requests', () => {
  it('count by API, version and error', async () => {
    await using server = await startWireServer();
    await server.topics.create('t');
    const client = await server.connect();
    const partitionData = [0, 7].map((index) => ({ index, records: clientBatch('x'.repeat(1000)) }));
    for (const version of [8, 9])
      await client.request('Produce', version, { acks: -1, topicData: [{ name: 't', partitionData }] });
    const text = server.metrics.render();
    for (const line of [
      'millrace_kafka_requests_total{api="Produce",version="8"} 1',
      'millrace_kafka_requests_total{api="Produce",version="9"} 1',
      'millrace_kafka_errors_total{api="Produce",error="UNKNOWN_TOPIC_OR_PARTITION"} 2',
      'millrace_kafka_request_seconds_count{api="Produce"} 2',
      'millrace_kafka_connections 1',
      'millrace_kafka_connections_accepted_total 1',
    ])
      assert.ok(text.includes(`${line}\n`), `${line} is not in\n${text}`);
    const bytes = text.match(/millrace_kafka_request_bytes_total\{api="Produce"\} (\d+)/);
    assert.ok(Number(bytes?.[1]) > 4000);
  });

  it('see codes at every depth and nothing else', () => {
    const codes = (fields: Parameters<typeof errorWalk>[0], message: unknown) => {
      const found: number[] = [];
      errorWalk(fields)?.(message, (code) => found.push(code));
      return found;
    };
    const fetched = {
      errorCode: 70,
      responses: [{ partitions: [{ errorCode: 1 }, { errorCode: 0 }, {}, { errorCode: 3 }] }, {}],
    };
    assert.deepEqual(codes(MESSAGES.FetchResponse.fields, fetched), [70, 1, 3]);
    assert.deepEqual(codes(MESSAGES.DescribeConfigsResponse.fields, { results: [{ errorCode: 5 }] }), [5]);
    assert.equal(errorWalk(MESSAGES.ApiVersionsRequest.fields), undefined);
  });
});
