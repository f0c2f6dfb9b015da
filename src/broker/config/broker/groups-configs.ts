import { configRows } from '../config-rows.ts';

/** Broker configs of groups, offsets, transactions and share state. The columns are those of `configRows`. */
export const GROUP_CONFIGS = configRows(`
add.partitions.to.txn.retry.backoff.max.ms | int | 100 | 0.. | | Longest pause between the broker's attempts to add a partition to a transaction.
add.partitions.to.txn.retry.backoff.ms | int | 20 | 1.. | | First pause between these attempts.
group.consumer.assignors | list | uniform,range | | | Assignors that the broker offers to consumer groups, its favourite first.
group.consumer.heartbeat.interval.ms | int | 5000 | 1.. | | Heartbeat interval that members of consumer groups are told.
group.consumer.max.heartbeat.interval.ms | int | 15000 | 1.. | | Largest heartbeat interval a consumer group may be configured with.
group.consumer.max.session.timeout.ms | int | 60000 | 1.. | | Largest session timeout a consumer group may be configured with.
group.consumer.max.size | int | 2147483647 | 1.. | | Most members of a consumer group.
group.consumer.migration.policy | string | bidirectional | ~DISABLED,DOWNGRADE,UPGRADE,BIDIRECTIONAL | | Which way groups may change between the classic and the consumer protocol while they are in use.
group.consumer.min.heartbeat.interval.ms | int | 5000 | 1.. | | Smallest heartbeat interval a consumer group may be configured with.
group.consumer.min.session.timeout.ms | int | 45000 | 1.. | | Smallest session timeout a consumer group may be configured with.
group.consumer.regex.refresh.interval.ms | int | 600000 | 10000.. | internal | How often regular expressions of subscriptions are matched anew.
group.consumer.session.timeout.ms | int | 45000 | 1.. | | Silence after which a member of a consumer group is taken for dead.
group.coordinator.append.linger.ms | int | 5 | 0.. | | How long the coordinator gathers writes before it appends them.
group.coordinator.rebalance.protocols | list | classic,consumer,streams | consumer,classic,share,streams | | Group protocols that the broker speaks.
group.coordinator.threads | int | 4 | 1.. | | Threads of the group coordinator.
group.initial.rebalance.delay.ms | int | 3000 | | | How long the first join phase of an empty group waits for more members.
group.max.session.timeout.ms | int | 1800000 | | | Longest session timeout a member of a classic group may ask for.
group.max.size | int | 2147483647 | 1.. | | Most members of a classic group.
group.min.session.timeout.ms | int | 6000 | | | Shortest session timeout a member of a classic group may ask for.
group.share.assignors | list | simple | | | Assignors that the broker offers to share groups.
group.share.delivery.count.limit | int | 5 | 2..10 | | How often a record is delivered to a share group before it is given up.
group.share.enable | boolean | false | | internal | Whether share groups are on whatever features say.
group.share.heartbeat.interval.ms | int | 5000 | 1.. | | Heartbeat interval that members of share groups are told.
group.share.max.heartbeat.interval.ms | int | 15000 | 1.. | | Largest heartbeat interval a share group may be configured with.
group.share.max.record.lock.duration.ms | int | 60000 | 30000..3600000 | | Largest lock duration a share group may be configured with.
group.share.max.session.timeout.ms | int | 60000 | 1.. | | Largest session timeout a share group may be configured with.
group.share.max.share.sessions | int | 2000 | 1.. | | Most share sessions at a time.
group.share.max.size | int | 200 | 1..1000 | | Most members of a share group.
group.share.min.heartbeat.interval.ms | int | 5000 | 1.. | | Smallest heartbeat interval a share group may be configured with.
group.share.min.record.lock.duration.ms | int | 15000 | 1000..30000 | | Smallest lock duration a share group may be configured with.
group.share.min.session.timeout.ms | int | 45000 | 1.. | | Smallest session timeout a share group may be configured with.
group.share.partition.max.record.locks | int | 2000 | 100..10000 | | Most records of a partition that a share group may hold at a time.
group.share.persister.class.name | string | org.apache.kafka.server.share.persister.DefaultStatePersister | | internal | Plugin that keeps share state.
group.share.record.lock.duration.ms | int | 30000 | 1000..3600000 | | How long a record belongs to the member it was delivered to.
group.share.session.timeout.ms | int | 45000 | 1.. | | Silence after which a member of a share group is taken for dead.
group.streams.heartbeat.interval.ms | int | 5000 | 1.. | | Heartbeat interval that members of streams groups are told.
group.streams.max.heartbeat.interval.ms | int | 15000 | 1.. | | Largest heartbeat interval a streams group may be configured with.
group.streams.max.session.timeout.ms | int | 60000 | 1.. | | Largest session timeout a streams group may be configured with.
group.streams.max.size | int | 2147483647 | 1.. | | Most members of a streams group.
group.streams.max.standby.replicas | int | 2 | 0.. | | Most standby replicas a streams group may be configured with.
group.streams.min.heartbeat.interval.ms | int | 5000 | 1.. | | Smallest heartbeat interval a streams group may be configured with.
group.streams.min.session.timeout.ms | int | 45000 | 1.. | | Smallest session timeout a streams group may be configured with.
group.streams.num.standby.replicas | int | 0 | 0.. | | Standby replicas of each stateful task of a streams group.
group.streams.session.timeout.ms | int | 45000 | 1.. | | Silence after which a member of a streams group is taken for dead.
offset.metadata.max.bytes | int | 4096 | | | Longest text a client may keep with a committed offset.
offsets.commit.timeout.ms | int | 5000 | 1.. | | Longest wait for a commit of offsets to be written.
offsets.load.buffer.size | int | 5242880 | 1.. | | Bytes read at a time when committed offsets are loaded.
offsets.retention.check.interval.ms | long | 600000 | 1.. | | How often expired offsets are looked for.
offsets.retention.minutes | int | 10080 | 1.. | | How long offsets outlive the last member of their group.
offsets.topic.compression.codec | int | 0 | | | Codec of the offsets topic, by its number.
offsets.topic.num.partitions | int | 50 | 1.. | | Partitions of __consumer_offsets, fixed when it is created.
offsets.topic.replication.factor | short | 3 | 1.. | | Replicas of __consumer_offsets; there is one broker.
offsets.topic.segment.bytes | int | 104857600 | 1.. | | Segment size of __consumer_offsets.
producer.id.expiration.check.interval.ms | int | 600000 | 1.. | internal | How often expired producer ids are looked for.
producer.id.expiration.ms | int | 86400000 | 1.. | cluster | Silence after which a producer id is forgotten by a partition.
share.coordinator.append.linger.ms | int | 5 | 0.. | | How long the share coordinator gathers writes before it appends them.
share.coordinator.cold.partition.snapshot.interval.ms | int | 300000 | 1.. | internal | How often idle share state is written down whole.
share.coordinator.load.buffer.size | int | 5242880 | 1.. | | Bytes read at a time when share state is loaded.
share.coordinator.snapshot.update.records.per.snapshot | int | 500 | 0.. | | Changes of share state written before a whole snapshot is.
share.coordinator.state.topic.compression.codec | int | 0 | | | Codec of the share state topic, by its number.
share.coordinator.state.topic.min.isr | short | 2 | 1.. | | Replicas a write to the share state topic needs; there is one.
share.coordinator.state.topic.num.partitions | int | 50 | 1.. | | Partitions of the share state topic, fixed when it is created.
share.coordinator.state.topic.prune.interval.ms | int | 300000 | 1.. | internal | How often the share state topic is cut.
share.coordinator.state.topic.replication.factor | short | 3 | 1.. | | Replicas of the share state topic; there is one broker.
share.coordinator.state.topic.segment.bytes | int | 104857600 | 1.. | | Segment size of the share state topic.
share.coordinator.threads | int | 1 | 1.. | | Threads of the share coordinator.
share.coordinator.write.timeout.ms | int | 5000 | 1.. | | Longest wait of the share coordinator for a write.
share.fetch.purgatory.purge.interval.requests | int | 1000 | | | After how many requests finished share fetches are cleared away.
transaction.abort.timed.out.transaction.cleanup.interval.ms | int | 10000 | 1.. | | How often transactions out of time are looked for.
transaction.max.timeout.ms | int | 900000 | 1.. | | Longest transaction timeout a producer may ask for.
transaction.partition.verification.enable | boolean | true | | cluster | Whether a transactional write is checked against the coordinator (KIP-890).
transaction.remove.expired.transaction.cleanup.interval.ms | int | 3600000 | 1.. | | How often expired transactional ids are looked for.
transaction.state.log.load.buffer.size | int | 5242880 | 1.. | | Bytes read at a time when transactions are loaded.
transaction.state.log.min.isr | int | 2 | 1.. | | Replicas a write to the transaction topic needs; there is one.
transaction.state.log.num.partitions | int | 50 | 1.. | | Partitions of __transaction_state, fixed when it is created.
transaction.state.log.replication.factor | short | 3 | 1.. | | Replicas of __transaction_state; there is one broker.
transaction.state.log.segment.bytes | int | 104857600 | 1.. | | Segment size of __transaction_state.
transaction.two.phase.commit.enable | boolean | false | | | Whether producers may prepare transactions and end them later (KIP-939).
transactional.id.expiration.ms | int | 604800000 | 1.. | | Silence after which a transactional id is forgotten.
`);
