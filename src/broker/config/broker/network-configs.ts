import { configRows } from '../config-rows.ts';

/** Broker configs of connections, requests, quotas and metrics. The columns are those of `configRows`. */
export const NETWORK_CONFIGS = configRows(`
advertised.listeners | string | - | | | Addresses clients are told to connect to; without it the one they have reached.
alter.config.policy.class.name | class | - | | | Plugin that may refuse changes of configuration; plugins are not loaded here.
alter.log.dirs.replication.quota.window.num | int | 11 | 1.. | | Windows over which moves between folders are measured.
alter.log.dirs.replication.quota.window.size.seconds | int | 1 | 1.. | | Length of each of these windows.
background.threads | int | 10 | 1.. | cluster | Threads for background work.
client.quota.callback.class | class | - | | | Plugin that decides on client quotas; plugins are not loaded here.
connection.failed.authentication.delay.ms | int | 100 | 0.. | | How long the answer to a failed login is held back.
connections.max.idle.ms | long | 600000 | | | Silence after which a connection is closed.
connections.max.reauth.ms | long | 0 | | | How long a login counts before the client has to log in again; 0 for ever.
controller.quota.window.num | int | 11 | 1.. | | Windows over which the rate of topic changes is measured.
controller.quota.window.size.seconds | int | 1 | 1.. | | Length of each of these windows.
create.topic.policy.class.name | class | - | | | Plugin that may refuse new topics; plugins are not loaded here.
delete.records.purgatory.purge.interval.requests | int | 1 | | | After how many requests finished deletions are cleared away.
early.start.listeners | string | - | | | Listeners that open before the broker is ready.
fetch.max.bytes | int | 57671680 | 1024.. | | Most bytes in an answer to a fetch.
fetch.purgatory.purge.interval.requests | int | 1000 | | | After how many requests finished fetches are cleared away.
inter.broker.listener.name | string | - | | | Listener that brokers use among themselves.
kafka.metrics.polling.interval.secs | int | 10 | 1.. | | How often metrics reporters of this kind are asked.
kafka.metrics.reporters | list | | | | Plugins that report metrics in the older way.
listener.security.protocol.map | string | SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT | | broker | Which security protocol each listener name stands for.
listeners | string | PLAINTEXT://:9092 | | broker | Addresses the server listens at.
max.connection.creation.rate | int | 2147483647 | 0.. | cluster | Most connections accepted in a second; more have to wait.
max.connections | int | 2147483647 | 0.. | cluster | Most connections at a time; more are closed at once.
max.connections.per.ip | int | 2147483647 | 0.. | cluster | Most connections from one address; more are closed at once.
max.connections.per.ip.overrides | string | | | cluster | Exceptions from it, as address:number, separated by commas.
max.incremental.fetch.session.cache.slots | int | 1000 | 0.. | | Most incremental fetch sessions.
max.request.partition.size.limit | int | 2000 | 1.. | | Most partitions in one answer to DescribeTopicPartitions.
metric.reporters | list | org.apache.kafka.common.metrics.JmxReporter | | cluster | Plugins that report metrics; metrics are at the Prometheus page here.
metrics.num.samples | int | 2 | 1.. | | Samples over which rates are measured.
metrics.recording.level | string | INFO | | | How detailed metrics are.
metrics.sample.window.ms | long | 30000 | 1.. | | Length of each of these samples.
num.io.threads | int | 8 | 1.. | cluster | Threads that run requests in Kafka; one does here.
num.network.threads | int | 3 | 1.. | cluster | Threads that serve sockets in Kafka; one does here.
producer.purgatory.purge.interval.requests | int | 1000 | | | After how many requests finished produce requests are cleared away.
queued.max.request.bytes | long | -1 | | | Bytes of requests of all connections together above which no more are read.
queued.max.requests | int | 500 | 1.. | | Requests of all connections together that may wait before no more are read.
quota.window.num | int | 11 | 1.. | | Windows over which the use of client quotas is measured.
quota.window.size.seconds | int | 1 | 1.. | | Length of each of these windows.
replication.quota.window.num | int | 11 | 1.. | | Windows over which replication is measured.
replication.quota.window.size.seconds | int | 1 | 1.. | | Length of each of these windows.
request.timeout.ms | int | 30000 | | | Longest wait of the broker for an answer to its own requests.
security.inter.broker.protocol | string | PLAINTEXT | PLAINTEXT,SSL,SASL_PLAINTEXT,SASL_SSL | | Security protocol that brokers use among themselves.
socket.connection.setup.timeout.max.ms | long | 30000 | | | Longest wait for a connection the broker makes, after failures.
socket.connection.setup.timeout.ms | long | 10000 | | | Longest wait for a connection the broker makes.
socket.listen.backlog.size | int | 50 | 1.. | | Connections the system keeps waiting to be accepted.
socket.receive.buffer.bytes | int | 102400 | | | Receive buffer of sockets; -1 leaves it to the system.
socket.request.max.bytes | int | 104857600 | 1.. | | Largest request accepted; a larger one ends its connection.
socket.send.buffer.bytes | int | 102400 | | | Send buffer of sockets; -1 leaves it to the system.
telemetry.max.bytes | int | 1048576 | 1.. | | Most bytes of metrics a client may push at a time.
`);
