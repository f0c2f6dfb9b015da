import { configRows } from './config-rows.ts';
import { configTable } from './config-table.ts';

/** What a client metrics subscription says (KIP-714). */
export const CLIENT_METRICS_CONFIGS = configTable(
  configRows(`
interval.ms | int | 300000 | | cluster | How often matching clients push their metrics.
match | list | | | cluster | Which clients are meant: name=regular expression of client_instance_id, client_id, client_software_name, client_software_version, client_source_address or client_source_port. Without any, all.
metrics | list | | | cluster | Beginnings of the names of metrics to push; * for all, empty for none.
`),
);
