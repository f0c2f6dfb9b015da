import { configRows } from '../config-rows.ts';

/** Broker configs of the node, its controller and replication. The columns are those of `configRows`. */
export const CLUSTER_CONFIGS = configRows(`
authorizer.class.name | string | | | | What decides who may do what.
auto.leader.rebalance.enable | boolean | true | | | Whether leadership returns to preferred replicas by itself.
broker.heartbeat.interval.ms | int | 2000 | | | How often brokers report to the controller.
broker.id | int | -1 | | | The number of this node, by its older name.
broker.rack | string | - | | | The rack of this node.
broker.session.timeout.ms | int | 9000 | | | Silence after which the controller takes a broker for dead.
controlled.shutdown.enable | boolean | true | | | Whether leadership moves away before a broker stops.
controller.listener.names | string | - | | | Listeners of the controller.
controller.quorum.append.linger.ms | int | 25 | 0.. | | How long the controller gathers metadata records before it appends them.
controller.quorum.bootstrap.servers | list | | | | Where controllers are found at first.
controller.quorum.election.backoff.max.ms | int | 1000 | 0.. | | Longest pause before another election of the controller.
controller.quorum.election.timeout.ms | int | 1000 | 0.. | | Longest wait for votes in an election of the controller.
controller.quorum.fetch.timeout.ms | int | 2000 | 0.. | | Silence after which the leading controller is taken for dead.
controller.quorum.request.timeout.ms | int | 2000 | 0.. | | Longest wait for an answer among controllers.
controller.quorum.retry.backoff.ms | int | 20 | 0.. | | Pause before controllers repeat a request.
controller.quorum.voters | list | | | | The voting controllers, as id@host:port.
controller.socket.timeout.ms | int | 30000 | | | Socket timeout towards the controller.
initial.broker.registration.timeout.ms | int | 60000 | | | Longest wait for a first registration at the controller.
leader.imbalance.check.interval.seconds | long | 300 | 1.. | | How often the balance of leadership is looked at.
metadata.log.dir | string | - | | | Folder of the metadata log; without it the data folder.
metadata.log.max.record.bytes.between.snapshots | long | 20971520 | 1.. | | Bytes of metadata records after which a snapshot is made.
metadata.log.max.snapshot.interval.ms | long | 3600000 | 0.. | | Longest time without a snapshot of the metadata.
metadata.log.segment.bytes | int | 1073741824 | 8388608.. | | Segment size of the metadata log.
metadata.log.segment.ms | long | 604800000 | | | Segment age of the metadata log.
metadata.max.idle.interval.ms | int | 500 | 0.. | | How often an idle controller appends a record that does nothing.
metadata.max.retention.bytes | long | 104857600 | | | Size of metadata log and snapshots above which old ones go.
metadata.max.retention.ms | long | 604800000 | | | Age of metadata log and snapshots at which old ones go.
node.id | int | - | 0.. | | The number of this node.
num.replica.fetchers | int | 1 | | cluster | Threads that replicate from each other broker.
process.roles | list | - | broker,controller | | What this node does.
replica.fetch.backoff.ms | int | 1000 | 0.. | | Pause of a replica after a failed fetch.
replica.fetch.max.bytes | int | 1048576 | 0.. | | Bytes of a partition that a replica fetches at a time.
replica.fetch.min.bytes | int | 1 | | | Least bytes in an answer to a replica.
replica.fetch.response.max.bytes | int | 10485760 | 0.. | | Most bytes in an answer to a replica.
replica.fetch.wait.max.ms | int | 500 | | | Longest wait of a replica's fetch.
replica.high.watermark.checkpoint.interval.ms | long | 5000 | | | How often high watermarks are written down.
replica.lag.time.max.ms | long | 30000 | | | Lag at which a replica no longer counts as in sync.
replica.selector.class | string | - | | | Plugin that chooses the replica a consumer reads from.
replica.socket.receive.buffer.bytes | int | 65536 | | | Receive buffer of replication sockets.
replica.socket.timeout.ms | int | 30000 | | | Socket timeout of replication.
sasl.mechanism.controller.protocol | string | GSSAPI | | | SASL mechanism towards the controller.
server.max.startup.time.ms | long | 9223372036854775807 | 0.. | internal | Longest time a start may take.
unclean.leader.election.enable | boolean | false | | cluster | Whether a replica that lags may lead; there is one replica.
unstable.api.versions.enable | boolean | false | | internal | Whether APIs in the making are announced.
unstable.feature.versions.enable | boolean | false | | internal | Whether features in the making may be used.
`);
