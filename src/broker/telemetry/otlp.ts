import { Buffer } from 'node:buffer';
import { type ProtobufField, protobufFields } from './protobuf-reader.ts';

/** One value of one metric of a client. */
export interface MetricPoint {
  /** As OpenTelemetry writes it: `org.apache.kafka.producer.connection.total`. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly value: number;
  /** Since the last push, rather than in all. */
  readonly isDelta: boolean;
}

/** Numbers of the fields that are read, from opentelemetry-proto's metrics.proto. */
const RESOURCE_METRICS = 1;
const SCOPE_METRICS = 2;
const METRICS = 2;
const NAME = 1;
const GAUGE = 5;
const SUM = 7;
const HISTOGRAM = 9;
const SUMMARY = 11;
const DATA_POINTS = 1;
const TEMPORALITY = 2;
const DELTA = 1n;
const NUMBER = { attributes: 7, asDouble: 4, asInt: 6 };
const HISTOGRAM_POINT = { attributes: 9, count: 4, sum: 5 };
const SUMMARY_POINT = { attributes: 7, count: 4, sum: 5 };

/**
 * Reads OpenTelemetry's MetricsData, as clients push it (KIP-714); throws ProtobufError on anything else.
 *
 *     MetricsData > ResourceMetrics > ScopeMetrics > Metric > gauge | sum | histogram | summary > data points
 *
 * Distributions give their count and their sum; Kafka's clients push gauges and sums alone.
 */
export function readMetrics(message: Buffer): MetricPoint[] {
  const points: MetricPoint[] = [];
  for (const resource of within(message, RESOURCE_METRICS))
    for (const scope of within(resource, SCOPE_METRICS))
      for (const metric of within(scope, METRICS)) readMetric(metric, points);
  return points;
}

function* within(message: Buffer, number: number): Generator<Buffer> {
  for (const field of protobufFields(message))
    if (field.number === number && field.wireType === 2) yield field.bytes;
}

function readMetric(metric: Buffer, points: MetricPoint[]): void {
  let name = '';
  for (const { number, bytes } of protobufFields(metric)) {
    if (number === NAME) name = bytes.toString();
    else if (number === GAUGE || number === SUM) readNumbers(name, bytes, points);
    else if (number === HISTOGRAM) readDistributions(name, bytes, HISTOGRAM_POINT, points);
    else if (number === SUMMARY) readDistributions(name, bytes, SUMMARY_POINT, points);
  }
}

function readNumbers(name: string, data: Buffer, points: MetricPoint[]): void {
  const isDelta = temporality(data) === DELTA;
  for (const point of within(data, DATA_POINTS)) {
    const attributes: Record<string, string> = {};
    let value = Number.NaN;
    for (const field of protobufFields(point)) {
      if (field.number === NUMBER.asDouble) value = toDouble(field);
      else if (field.number === NUMBER.asInt) value = Number(BigInt.asIntN(64, field.bits));
      else if (field.number === NUMBER.attributes) readAttribute(field.bytes, attributes);
    }
    if (!Number.isNaN(value)) points.push({ name, attributes, value, isDelta });
  }
}

function readDistributions(
  name: string,
  data: Buffer,
  numbers: typeof HISTOGRAM_POINT,
  points: MetricPoint[],
): void {
  const isDelta = temporality(data) === DELTA;
  for (const point of within(data, DATA_POINTS)) {
    const attributes: Record<string, string> = {};
    let [count, sum] = [0, 0];
    for (const field of protobufFields(point)) {
      if (field.number === numbers.count) count = Number(field.bits);
      else if (field.number === numbers.sum) sum = toDouble(field);
      else if (field.number === numbers.attributes) readAttribute(field.bytes, attributes);
    }
    points.push({ name: `${name}.count`, attributes, value: count, isDelta });
    points.push({ name: `${name}.sum`, attributes, value: sum, isDelta });
  }
}

function temporality(data: Buffer): bigint {
  for (const { number, wireType, bits } of protobufFields(data))
    if (number === TEMPORALITY && wireType === 0) return bits;
  return 0n;
}

/** `key 1, value 2 {string 1, bool 2, int 3, double 4}`; other kinds of values have no place in a label. */
function readAttribute(message: Buffer, attributes: Record<string, string>): void {
  let key = '';
  let text: string | undefined;
  for (const { number, bytes } of protobufFields(message)) {
    if (number === 1) key = bytes.toString();
    if (number !== 2) continue;
    for (const value of protobufFields(bytes)) {
      if (value.number === 1) text = value.bytes.toString();
      else if (value.number === 2) text = String(value.bits === 1n);
      else if (value.number === 3) text = String(BigInt.asIntN(64, value.bits));
      else if (value.number === 4) text = String(toDouble(value));
    }
  }
  if (text !== undefined) attributes[key] = text;
}

function toDouble({ bits }: ProtobufField): number {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(bits);
  return bytes.readDoubleLE(0);
}
