import type { Step } from './script.ts';

/** Steps that have not been compared yet; main.ts runs them, the tests leave them out. To be empty. */
const MISSING: ReadonlySet<string> = new Set([
  'clients $BROKER transactions-seen-from-outside',
  'clients $BROKER config-resources',
  'clients $BROKER topic-configs',
  'clients $BROKER raft-voters',
  'clients $BROKER controller-bootstrap',
  'consumer-groups $BROKER',
  'kafka-dump-log --files $DATA/dumped-0/00000000000000000000.log --print-data-log',
  'kafka-dump-log --files $DATA/dumped-0/00000000000000000000.index --index-sanity-check',
  'kafka-dump-log --files $DATA/dumped-0/00000000000000000000.timeindex --index-sanity-check',
]);

/** Why a test leaves a step out. */
export function leftOut({ name, program }: Step): string | false {
  return program?.missing ?? (MISSING.has(name) && 'not compared yet');
}
