/** Names that a ksqlDB server would give, so that tools which know ksqlDB find what they expect. */
export class QueryNames {
  readonly #prefix: string;

  constructor(serviceId: string, queryId: string) {
    this.#prefix = `_confluent-ksql-${serviceId}query_${queryId}`;
  }

  /** Consumer group of the committed positions; the transactional id is the same. */
  get group(): string {
    return this.#prefix;
  }

  changelog(storeName: string): string {
    return `${this.#prefix}-${storeName}-changelog`;
  }

  /** Whether a topic is a changelog of this query. */
  isChangelog(topic: string): boolean {
    return topic.startsWith(`${this.#prefix}-`) && topic.endsWith('-changelog');
  }
}

export function processingLogTopic(serviceId: string): string {
  return `${serviceId}ksql_processing_log`;
}
