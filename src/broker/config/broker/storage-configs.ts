import { configRows } from '../config-rows.ts';

/** Broker configs of topics and their logs, tiered storage included. The columns are those of `configRows`. */
export const STORAGE_CONFIGS = configRows(`
auto.create.topics.enable | boolean | true | | | Whether a topic that clients ask for is created.
compression.gzip.level | int | -1 | -1,1..9 | cluster | Level used when the broker itself compresses with gzip.
compression.lz4.level | int | 9 | 1..17 | cluster | Level used when the broker itself compresses with lz4.
compression.type | string | producer | uncompressed,zstd,lz4,snappy,gzip,producer | cluster | Codec of the stored batches of a topic that names none; producer keeps what was sent.
compression.zstd.level | int | 3 | -131072..22 | cluster | Level used when the broker itself compresses with zstd.
default.replication.factor | int | 1 | | | Replicas of a topic created without a number.
delete.topic.enable | boolean | true | | | Whether topics may be deleted.
log.cleaner.backoff.ms | long | 15000 | 0.. | cluster | Pause of the cleaner when there is nothing to clean.
log.cleaner.dedupe.buffer.size | long | 134217728 | | cluster | Memory for the keys of a log being compacted.
log.cleaner.delete.retention.ms | long | 86400000 | 0.. | cluster | How long a tombstone stays readable after the first compaction that saw it.
log.cleaner.enable | boolean | true | | | Whether compaction runs; it always does.
log.cleaner.io.buffer.load.factor | double | 0.9 | | cluster | How full the table of keys may get during one compaction.
log.cleaner.io.buffer.size | int | 524288 | 0.. | cluster | Memory for reading and writing segments during compaction.
log.cleaner.io.max.bytes.per.second | double | 1.7976931348623157E308 | | cluster | Most bytes a second that compaction may read and write.
log.cleaner.max.compaction.lag.ms | long | 9223372036854775807 | 1.. | cluster | Latest time after which a record is seen by compaction.
log.cleaner.min.cleanable.ratio | double | 0.5 | 0..1 | cluster | Share of a log not yet compacted that makes a compaction worth while.
log.cleaner.min.compaction.lag.ms | long | 0 | 0.. | cluster | How long a record is safe from compaction.
log.cleaner.threads | int | 1 | 0.. | cluster | Threads for compaction.
log.cleanup.policy | list | delete | compact,delete | cluster | What happens to old segments of a topic that does not say: delete, compact or both.
log.dir | string | /tmp/kafka-logs | | | The data folder, where log.dirs says nothing.
log.dir.failure.timeout.ms | long | 30000 | 1.. | | How long a failed folder may stay unreported before the broker ends.
log.dirs | string | - | | | The data folder.
log.flush.interval.messages | long | 9223372036854775807 | 1.. | cluster | Kept for tools; when data is synced is decided by durability.
log.flush.interval.ms | long | - | | cluster | Kept for tools; when data is synced is decided by durability.
log.flush.offset.checkpoint.interval.ms | int | 60000 | 0.. | | How often the recovery point is written down.
log.flush.scheduler.interval.ms | long | 9223372036854775807 | | | Kept for tools; when data is synced is decided by durability.
log.flush.start.offset.checkpoint.interval.ms | int | 60000 | 0.. | | How often the start of the logs is written down.
log.index.interval.bytes | int | 4096 | 0.. | cluster | Bytes of log between two entries of the offset index.
log.index.size.max.bytes | int | 10485760 | 4.. | cluster | Largest size of a segment's offset index.
log.initial.task.delay.ms | long | 30000 | 0.. | internal | Wait before the first background work on logs.
log.local.retention.bytes | long | -2 | -2.. | cluster | Local share of a tiered log; -2 means all of it.
log.local.retention.ms | long | -2 | -2.. | cluster | Local time of a tiered log; -2 means all of it.
log.message.timestamp.after.max.ms | long | 3600000 | 0.. | cluster | How far a record's timestamp may lie ahead of the broker's clock.
log.message.timestamp.before.max.ms | long | 9223372036854775807 | 0.. | cluster | How far a record's timestamp may lie behind the broker's clock.
log.message.timestamp.type | string | CreateTime | CreateTime,LogAppendTime | cluster | Whose time a record carries: the producer's or that of its arrival.
log.preallocate | boolean | false | | cluster | Whether a new segment file gets its full size at once.
log.retention.bytes | long | -1 | | cluster | Size a partition may reach before its oldest segments go; -1 for no limit.
log.retention.check.interval.ms | long | 300000 | 1.. | | How often old segments are looked for.
log.retention.hours | int | 168 | | | Age at which records may go, in hours; minutes or ms win over it.
log.retention.minutes | int | - | | | Age at which records may go, in minutes; ms wins over it.
log.retention.ms | long | - | | cluster | Age at which records may go; -1 for never. Without it minutes count, then hours.
log.roll.hours | int | 168 | 1.. | | Age at which a log begins a new segment file, in hours; ms wins over it.
log.roll.jitter.hours | int | 0 | 0.. | | Random share taken off the age of segments, in hours; ms wins over it.
log.roll.jitter.ms | long | - | | cluster | Random share taken off the age of segments; without it hours count.
log.roll.ms | long | - | | cluster | Age at which a log begins a new segment file; without it hours count.
log.segment.bytes | int | 1073741824 | 1048576.. | cluster | Size at which a log begins a new segment file.
log.segment.delete.delay.ms | long | 60000 | 0.. | cluster | How long the files of a dropped segment may still be on disk.
message.max.bytes | int | 1048588 | 0.. | cluster | Largest batch accepted, as it is sent (after compression).
min.insync.replicas | int | 1 | 1.. | cluster | Replicas an acks=all write needs; there is one.
num.partitions | int | 1 | 1.. | | Partitions of a topic created without a number.
num.recovery.threads.per.data.dir | int | 2 | 1.. | cluster | Threads that open and close the logs of a folder.
num.replica.alter.log.dirs.threads | int | - | | | Threads that move partitions between folders; there is one folder.
remote.fetch.max.wait.ms | int | 500 | 1.. | cluster | Longest wait of a fetch for tiered data.
remote.list.offsets.request.timeout.ms | long | 30000 | 1.. | cluster | Longest wait of an offset lookup in tiered data.
remote.log.index.file.cache.total.size.bytes | long | 1073741824 | 1.. | cluster | Room for indexes fetched from tiered storage.
remote.log.manager.copier.thread.pool.size | int | 10 | 1.. | cluster | Threads that copy segments into tiered storage.
remote.log.manager.copy.max.bytes.per.second | long | 9223372036854775807 | 1.. | cluster | Most bytes a second copied into tiered storage.
remote.log.manager.copy.quota.window.num | int | 11 | 1.. | | Windows over which the copying rate is measured.
remote.log.manager.copy.quota.window.size.seconds | int | 1 | 1.. | | Length of each of these windows.
remote.log.manager.expiration.thread.pool.size | int | 10 | 1.. | cluster | Threads that expire tiered segments.
remote.log.manager.fetch.max.bytes.per.second | long | 9223372036854775807 | 1.. | cluster | Most bytes a second read from tiered storage.
remote.log.manager.fetch.quota.window.num | int | 11 | 1.. | | Windows over which that reading rate is measured.
remote.log.manager.fetch.quota.window.size.seconds | int | 1 | 1.. | | Length of each of these windows.
remote.log.manager.task.interval.ms | long | 30000 | 1.. | | How often segments to be tiered are looked for.
remote.log.manager.thread.pool.size | int | 2 | 1.. | | Threads that schedule work on tiered segments.
remote.log.metadata.custom.metadata.max.bytes | int | 128 | 0.. | | Most bytes a tiered-storage plugin may keep for a segment.
remote.log.metadata.manager.class.name | string | org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager | | | Plugin that keeps track of tiered segments.
remote.log.metadata.manager.class.path | string | - | | | Where that plugin is loaded from.
remote.log.metadata.manager.impl.prefix | string | rlmm.config. | | | Prefix of configs handed on to that plugin.
remote.log.metadata.manager.listener.name | string | - | | | Listener that plugin connects to.
remote.log.reader.max.pending.tasks | int | 100 | 1.. | | Most reads of tiered data that may wait.
remote.log.reader.threads | int | 10 | 1.. | cluster | Threads that read tiered data.
remote.log.storage.manager.class.name | string | - | | | Plugin that stores tiered segments; there is none here.
remote.log.storage.manager.class.path | string | - | | | Where that plugin is loaded from.
remote.log.storage.manager.impl.prefix | string | rsm.config. | | | Prefix of configs handed on to that plugin.
remote.log.storage.system.enable | boolean | false | | | Whether old segments may move to tiered storage; not available here.
`);
