import type { Metrics, Sample } from '../../base/metrics.ts';
import type { MetricPoint } from './otlp.ts';

/** Who pushed, as labels. */
export interface PushingClient {
  readonly client_instance_id: string;
  readonly client_id: string;
}

/** One value of one client. */
interface Series {
  readonly labels: Readonly<Record<string, string>>;
  value: number;
}

/** Names and series of all clients together; clients choose both, and memory is bounded. */
const MOST_NAMES = 1_000;
const MOST_SERIES = 100_000;

/**
 * What clients have pushed last, shown with the server's own metrics as `kafka_client_...` until a client is gone. What
 * they count since their last push is added up here, as Prometheus expects it.
 */
export class PushedMetrics {
  readonly #metrics: Metrics;
  /** Prometheus name -> client instance -> labels as text -> value. */
  readonly #byName = new Map<string, Map<string, Map<string, Series>>>();
  #seriesCount = 0;
  #dropped = 0;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    metrics.observe('millrace_client_metrics_dropped', 'Values of clients beyond the limits.', () => [
      { labels: {}, value: this.#dropped },
    ]);
  }

  add(client: PushingClient, points: readonly MetricPoint[]): void {
    for (const point of points) this.#addPoint(client, point);
  }

  forget({ client_instance_id: instance }: PushingClient): void {
    for (const ofName of this.#byName.values()) {
      this.#seriesCount -= ofName.get(instance)?.size ?? 0;
      ofName.delete(instance);
    }
  }

  #addPoint(client: PushingClient, { name, attributes, value, isDelta }: MetricPoint): void {
    const ofName = this.#named(prometheusName(name));
    if (ofName === undefined) {
      this.#dropped++;
      return;
    }
    let ofClient = ofName.get(client.client_instance_id);
    if (ofClient === undefined) {
      ofClient = new Map();
      ofName.set(client.client_instance_id, ofClient);
    }
    const labels = { ...labelsOf(attributes), ...client };
    const key = JSON.stringify(labels);
    const series = ofClient.get(key);
    if (series !== undefined) series.value = isDelta ? series.value + value : value;
    else if (this.#seriesCount >= MOST_SERIES) this.#dropped++;
    else {
      ofClient.set(key, { labels, value });
      this.#seriesCount++;
    }
  }

  #named(name: string): Map<string, Map<string, Series>> | undefined {
    const known = this.#byName.get(name);
    if (known !== undefined || this.#byName.size >= MOST_NAMES) return known;
    const made = new Map<string, Map<string, Series>>();
    this.#byName.set(name, made);
    this.#metrics.observe(name, 'Pushed by clients (KIP-714).', () => allSeries(made));
    return made;
  }
}

function* allSeries(ofName: ReadonlyMap<string, ReadonlyMap<string, Series>>): Generator<Sample> {
  for (const ofClient of ofName.values()) yield* ofClient.values();
}

/** `org.apache.kafka.producer.connection.total` -> `kafka_client_producer_connection_total` */
function prometheusName(name: string): string {
  const own = name.replace(/^org\.apache\.kafka\./, '');
  return `kafka_client_${own.replaceAll(/[^a-zA-Z0-9_]/g, '_').slice(0, 200)}`;
}

function labelsOf(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name.replaceAll(/[^a-zA-Z0-9_]/g, '_') || '_', value]),
  );
}
