import { Metrics } from '../base/metrics.ts';
import type { Overview } from './overview.ts';

/**
 * The kafka_exporter family of metric names, which Grafana's Kafka dashboards query, from one look at the server.
 * A single node is its own leader and only replica.
 */
export function kafkaMetrics({ kafkaAddress, topics, groups }: Overview): string {
  const page = new Metrics();
  page.gauge('kafka_brokers', 'Number of brokers.').set(1);
  page.gauge('kafka_broker_info', 'The broker and its address.', { id: '1', address: kafkaAddress }).set(1);

  for (const { name: topic, partitions } of topics) {
    page.gauge('kafka_topic_partitions', 'Partitions of a topic.', { topic }).set(partitions.length);
    for (const state of partitions) {
      const labels = { topic, partition: String(state.partition) };
      for (const { metric, help, value } of PARTITION_METRICS)
        page.gauge(metric, help, labels).set(value(state));
    }
  }

  const ends = new Map(
    topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partition, highWatermark }) => [`${name} ${partition}`, highWatermark] as const),
    ),
  );
  for (const { groupId: consumergroup, members, positions } of groups) {
    page.gauge('kafka_consumergroup_members', 'Members of a consumer group.', { consumergroup }).set(members);
    for (const { topic, partition, offset } of positions) {
      const lag = Math.max(0, (ends.get(`${topic} ${partition}`) ?? offset) - offset);
      const one = { consumergroup, topic, partition: String(partition) };
      const all = { consumergroup, topic };
      page.gauge('kafka_consumergroup_current_offset', 'Committed offset of a group.', one).set(offset);
      page.gauge('kafka_consumergroup_lag', 'Records a group has not committed yet.', one).set(lag);
      page.gauge('kafka_consumergroup_current_offset_sum', 'Committed offsets of a topic.', all).add(offset);
      page.gauge('kafka_consumergroup_lag_sum', 'Records of a topic not committed yet.', all).add(lag);
    }
  }
  return page.render();
}

/** Metrics of the streaming SQL, a label `query` per persistent query. */
export function queryMetrics({ queries, uptimeMs }: Overview, pushQueries: number): string {
  const page = new Metrics();
  page.gauge('millrace_uptime_seconds', 'Time since the start.').set(uptimeMs / 1000);
  page.gauge('millrace_push_queries', 'Push queries that run now.').set(pushQueries);
  for (const { id: query, state, consumed, produced, errors, late } of queries) {
    const labels = { query };
    page
      .gauge('millrace_query_running', '1 while the query runs, else 0.', labels)
      .set(state === 'RUNNING' ? 1 : 0);
    page
      .counter('millrace_query_records_consumed_total', 'Records read since the start.', labels)
      .add(consumed);
    page
      .counter('millrace_query_records_produced_total', 'Records written since the start.', labels)
      .add(produced);
    page
      .counter('millrace_query_record_errors_total', 'Records refused since the start.', labels)
      .add(errors);
    page.counter('millrace_query_late_rows_total', 'Rows that came too late for a window.', labels).add(late);
  }
  return page.render();
}

interface PartitionState {
  readonly logStartOffset: number;
  readonly highWatermark: number;
}

const PARTITION_METRICS: readonly {
  readonly metric: string;
  readonly help: string;
  readonly value: (partition: PartitionState) => number;
}[] = [
  metric('current_offset', 'Offset of the next record.', ({ highWatermark }) => highWatermark),
  metric('oldest_offset', 'Offset of the first record.', ({ logStartOffset }) => logStartOffset),
  metric('leader', 'Id of the leader.', () => 1),
  metric('leader_is_preferred', '1: the leader is the preferred one.', () => 1),
  metric('replicas', 'Number of replicas.', () => 1),
  metric('in_sync_replica', 'Number of replicas in sync.', () => 1),
  metric('under_replicated_partition', '1: replicas are missing.', () => 0),
];

function metric(name: string, help: string, value: (partition: PartitionState) => number) {
  return { metric: `kafka_topic_partition_${name}`, help, value };
}
