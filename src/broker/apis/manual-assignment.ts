/** What is wrong with the replicas that a request gives one partition, in Kafka's wording; there is one broker. */
export function replicasProblem(
  replicas: readonly number[],
  nodeId: number,
  expectedCount?: number,
): string | undefined {
  if (replicas.length === 0) return 'The manual partition assignment includes an empty replica list.';
  const sorted = [...replicas].sort((a, b) => a - b);
  for (const [index, replica] of sorted.entries()) {
    if (index > 0 && sorted[index - 1] === replica)
      return `The manual partition assignment includes the broker ${replica} more than once.`;
    if (replica !== nodeId)
      return `The manual partition assignment includes broker ${replica}, but no such broker is registered.`;
  }
  if (expectedCount !== undefined && replicas.length !== expectedCount)
    return `The manual partition assignment includes a partition with ${replicas.length} replica(s), but this is not consistent with previous partitions, which have ${expectedCount} replica(s).`;
  return undefined;
}
