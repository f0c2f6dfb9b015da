/**
 * How near to an ordinary user's work a file is. A: what everybody does. B: expressions, functions, keys, common
 * joins. C: formats and the registry. D: the rest.
 */
export type Tier = 'A' | 'B' | 'C' | 'D';

const TIER_A = `project-filter select where json group-by count sum having tumbling-windows hopping-windows
  session-windows suppress window-bounds joins multi-joins fk-join table partition-by insert-into
  timestamp-extractor insert-values push-queries pull-queries-against-materialized-aggregates
  pull-queries-against-ctas-materialized pull-queries-against-streams pull-queries-with-predicates`;

const TIER_C = `avro protobuf json_sr delimited kafka none formats serdes elements decimal bytes bytes-and-strings
  bytes-lpad-rpad pull-queries-protobuf`;

const TIER_D = `generic-variadic-udaf middle-variadic-udaf multi-arg-udaf obj-var-col-arg-udaf variadic-udaf
  test-custom-udaf headers row-offset-and-partition system-columns source-stream source-table
  sink-partitions-replicas sink-topic-naming windowed-source asserts drop_source create-type
  pull-queries-against-cst-materialized pull-queries-with-headers scalable-push-queries`;

const TIERS: ReadonlyMap<string, Tier> = new Map([
  ...words(TIER_A).map((file) => [file, 'A'] as const),
  ...words(TIER_C).map((file) => [file, 'C'] as const),
  ...words(TIER_D).map((file) => [file, 'D'] as const),
]);

export function tierOf(file: string): Tier {
  return TIERS.get(file) ?? 'B';
}

/** Tier A in the order of importance, everything else by name. */
export function fileOrder(a: string, b: string): number {
  const order = words(TIER_A);
  return rank(order.indexOf(a)) - rank(order.indexOf(b)) || (a < b ? -1 : 1);
}

function rank(index: number): number {
  return index < 0 ? Number.MAX_SAFE_INTEGER : index;
}

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
