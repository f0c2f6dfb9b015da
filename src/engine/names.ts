/** Names that a ksqlDB server would give, so that tools which know ksqlDB find what they expect. */
export class QueryNames {
  readonly #prefix: string;

  constructor(serviceId: string, queryId: string) {
    this.#prefix = `${prefixOf(serviceId)}${queryId}`;
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

function prefixOf(serviceId: string): string {
  return `_confluent-ksql-${serviceId}query_`;
}

/** Whether a topic is a changelog of any query of this service. */
export function isAnyChangelog(serviceId: string, topic: string): boolean {
  return topic.startsWith(prefixOf(serviceId)) && topic.endsWith('-changelog');
}

export function processingLogTopic(serviceId: string): string {
  return `${serviceId}ksql_processing_log`;
}

/** ksqlDB's `ksql.hidden.topics`: its own topics, changelogs among them, and those of the Kafka tools around it. */
const INTERNAL_TOPIC =
  /^(_confluent.*|__confluent.*|_schemas|__consumer_offsets|__transaction_state|__share_group_state|connect-(configs|offsets|status|statuses))$/;

/** Whether a topic is kept out of listings, whoever created it. */
export function isInternalTopic(topic: string): boolean {
  return INTERNAL_TOPIC.test(topic);
}
