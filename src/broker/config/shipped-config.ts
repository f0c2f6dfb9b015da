import { formatHostPort, type HostPort } from '../../base/address.ts';

/**
 * Where this differs from Kafka's defaults, as the properties file of a distribution does: on one node nobody waits
 * for consumers of other machines to start, more partitions of a coordinator gain nothing, nothing is replicated,
 * and memory is bounded unless somebody asks for more.
 */
export const SHIPPED_CONFIG: Readonly<Record<string, string>> = {
  'group.initial.rebalance.delay.ms': '0',
  'max.connections': '20000',
  'offsets.topic.num.partitions': '1',
  'offsets.topic.replication.factor': '1',
  'queued.max.request.bytes': String(256 * 1024 * 1024),
  'socket.listen.backlog.size': '1024',
  'share.coordinator.state.topic.min.isr': '1',
  'share.coordinator.state.topic.num.partitions': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '1',
  'transaction.state.log.replication.factor': '1',
};

/** What is fixed by where and as what the broker runs, under the names a properties file has for it. */
export function identityConfig(
  nodeId: number,
  listeners: readonly (HostPort & { readonly name: string })[],
  dataDir: string,
): readonly (readonly [name: string, value: string])[] {
  return [
    ['process.roles', 'broker,controller'],
    ['node.id', String(nodeId)],
    ['broker.id', String(nodeId)],
    ['controller.listener.names', 'CONTROLLER'],
    ['listeners', listeners.map((each) => `${each.name}://${formatHostPort(each)}`).join(',')],
    ['log.dirs', dataDir],
  ];
}
