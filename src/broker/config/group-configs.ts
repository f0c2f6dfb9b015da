import { configRows } from './config-rows.ts';
import { configTable } from './config-table.ts';

/** What can be set for one group: its broker config, where there is one, is called the same after `group.`. */
export const GROUP_CONFIGS = configTable(
  configRows(`
consumer.heartbeat.interval.ms | int | 5000 | 1.. | cluster | Heartbeat interval that members of this consumer group are told.
consumer.session.timeout.ms | int | 45000 | 1.. | cluster | Silence after which a member of this consumer group is taken for dead.
share.auto.offset.reset | string | latest | | cluster | Where this share group begins: earliest, latest, or by_duration:PnDTnHnMn.nS ago.
share.heartbeat.interval.ms | int | 5000 | 1.. | cluster | Heartbeat interval that members of this share group are told.
share.isolation.level | string | read_uncommitted | read_committed,read_uncommitted | cluster | Whether this share group gets records of open or aborted transactions.
share.record.lock.duration.ms | int | 30000 | 1000.. | cluster | How long a record belongs to the member of this share group it was delivered to.
share.session.timeout.ms | int | 45000 | 1.. | cluster | Silence after which a member of this share group is taken for dead.
streams.heartbeat.interval.ms | int | 5000 | 1.. | cluster | Heartbeat interval that members of this streams group are told.
streams.num.standby.replicas | int | 0 | 0.. | cluster | Standby replicas of each stateful task of this streams group.
streams.session.timeout.ms | int | 45000 | 1.. | cluster | Silence after which a member of this streams group is taken for dead.
`).map((row) =>
    row.name.startsWith('share.auto') || row.name.startsWith('share.iso')
      ? row
      : { ...row, broker: `group.${row.name}` },
  ),
);
