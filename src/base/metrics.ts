export type Labels = Readonly<Record<string, string>>;

/** A count that only grows. */
export class Counter {
  value = 0;

  add(amount = 1): void {
    this.value += amount;
  }
}

/** A value that goes up and down. */
export class Gauge {
  value = 0;

  set(value: number): void {
    this.value = value;
  }

  add(amount: number): void {
    this.value += amount;
  }
}

/** How often values fell into which range. */
export class Histogram {
  readonly upperBounds: readonly number[];
  /** One more than bounds: the last holds what is above all of them. */
  readonly counts: number[];
  sum = 0;

  constructor(upperBounds: readonly number[]) {
    this.upperBounds = upperBounds;
    this.counts = new Array<number>(upperBounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bounds = this.upperBounds;
    let index = 0;
    while (index < bounds.length && value > bounds[index]!) index++;
    this.counts[index]!++;
    this.sum += value;
  }
}

/** Seconds, from a tenth of a millisecond to ten seconds: what a request may take. */
export const LATENCY_SECONDS: readonly number[] = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** One value of a gauge that is read when asked for. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

type Kind = 'counter' | 'gauge' | 'histogram';
type Metric = Counter | Gauge | Histogram;

interface Family {
  readonly kind: Kind;
  readonly help: string;
  /** By the labels as they print. */
  readonly series: Map<string, Metric>;
  readonly observers: Set<() => Iterable<Sample>>;
}

/**
 * All metrics of a process, by name and labels: asking again for the same pair gives the same metric. Hold on to it
 * where it counts often; counting is then one addition.
 */
export class Metrics {
  readonly #families = new Map<string, Family>();

  counter(name: string, help: string, labels: Labels = {}): Counter {
    return this.#metric(name, 'counter', help, labels, Counter, () => new Counter());
  }

  gauge(name: string, help: string, labels: Labels = {}): Gauge {
    return this.#metric(name, 'gauge', help, labels, Gauge, () => new Gauge());
  }

  histogram(
    name: string,
    help: string,
    labels: Labels = {},
    upperBounds: readonly number[] = LATENCY_SECONDS,
  ): Histogram {
    return this.#metric(name, 'histogram', help, labels, Histogram, () => new Histogram(upperBounds));
  }

  /** A gauge whose values are computed by each `render`; the result ends it. */
  observe(name: string, help: string, read: () => Iterable<Sample>): () => void {
    const { observers } = this.#family(name, 'gauge', help);
    observers.add(read);
    return () => observers.delete(read);
  }

  /** Drops the series of a thing that is gone, so that names do not pile up. */
  remove(name: string, labels: Labels): void {
    this.#families.get(name)?.series.delete(labelText(labels));
  }

  /** Prometheus text exposition format 0.0.4. */
  render(): string {
    let text = '';
    for (const [name, { kind, help, series, observers }] of this.#families) {
      text += `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${kind}\n`;
      for (const [labels, metric] of series) text += metricLines(name, labels, metric);
      for (const read of observers) {
        for (const sample of read()) text += line(name, labelText(sample.labels), sample.value);
      }
    }
    return text;
  }

  #metric<M extends Metric>(
    name: string,
    kind: Kind,
    help: string,
    labels: Labels,
    type: new (...args: never[]) => M,
    make: () => M,
  ): M {
    const { series } = this.#family(name, kind, help);
    const key = labelText(labels);
    const known = series.get(key);
    if (known instanceof type) return known;
    const made = make();
    series.set(key, made);
    return made;
  }

  #family(name: string, kind: Kind, help: string): Family {
    const known = this.#families.get(name);
    if (known && known.kind !== kind) throw new TypeError(`${name} is a ${known.kind}, not a ${kind}`);
    if (known) return known;
    if (!METRIC_NAME.test(name)) throw new TypeError(`not a metric name: ${name}`);
    const family: Family = { kind, help, series: new Map(), observers: new Set() };
    this.#families.set(name, family);
    return family;
  }
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

function metricLines(name: string, labels: string, metric: Metric): string {
  if (!(metric instanceof Histogram)) return line(name, labels, metric.value);
  let text = '';
  let cumulative = 0;
  metric.counts.forEach((count, index) => {
    cumulative += count;
    const bound = numberText(metric.upperBounds[index] ?? Number.POSITIVE_INFINITY);
    text += line(`${name}_bucket`, `${labels}${labels && ','}le="${bound}"`, cumulative);
  });
  return text + line(`${name}_sum`, labels, metric.sum) + line(`${name}_count`, labels, cumulative);
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels && `{${labels}}`} ${numberText(value)}\n`;
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}

function labelText(labels: Labels): string {
  return Object.keys(labels)
    .sort()
    .map((name) => `${name}="${escapeLabel(labels[name]!)}"`)
    .join(',');
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
