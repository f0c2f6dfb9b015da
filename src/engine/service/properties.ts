import { nearestOf } from '../../sql/suggest.ts';
import { BAD_REQUEST, KsqlError } from './ksql-error.ts';
import { propertyName } from './session.ts';

export interface PropertyDefinition {
  readonly name: string;
  readonly scope: 'KSQL' | 'STREAMS';
  readonly level: 'QUERY' | 'SERVER';
  readonly value: string;
  readonly check?: (value: string) => boolean;
}

/** As ksqlDB shows it. */
const UNLIMITED = String(2 ** 31 - 1);

const isBoolean = (value: string): boolean => /^(true|false)$/i.test(value);
const isCount = (value: string): boolean => /^\d{1,15}$/.test(value);
const oneOf =
  (...allowed: string[]) =>
  (value: string): boolean =>
    allowed.includes(value.toLowerCase());

/** What SET and request properties may change, with the value a query sees when nobody does. */
export const PROPERTIES: readonly PropertyDefinition[] = [
  streams('auto.offset.reset', 'latest', oneOf('earliest', 'latest')),
  streams('cache.max.bytes.buffering', '10485760', isCount),
  streams('commit.interval.ms', '2000', isCount),
  // Every query here is exactly once; the weaker setting is accepted because clients send it.
  streams('processing.guarantee', 'exactly_once_v2', oneOf('at_least_once', 'exactly_once_v2')),
  streams('num.stream.threads', '1', isCount),
  streams('max.task.idle.ms', '0', isCount),
  query('ksql.persistence.default.format.key', 'KAFKA'),
  query('ksql.persistence.default.format.value', ''),
  query('ksql.persistence.wrap.single.values', 'true', isBoolean),
  query('ksql.functions.collect_list.limit', '', isCount),
  query('ksql.functions.collect_set.limit', '', isCount),
  query('ksql.query.pull.table.scan.enabled', 'true', isBoolean),
  query('ksql.query.pull.range.scan.enabled', 'true', isBoolean),
  query('ksql.query.push.v2.enabled', 'false', isBoolean),
  query('ksql.query.pull.stream.enabled', 'true', isBoolean),
  query('ksql.query.pull.consistency.timeout.ms', '5000', isCount),
  query('ksql.query.retry.backoff.initial.ms', '100', isCount),
  query('ksql.query.retry.backoff.max.ms', '10000', isCount),
  query('ksql.timestamp.throw.on.invalid', 'false', isBoolean),
  query('ksql.fail.on.deserialization.error', 'false', isBoolean),
  // A write that fails is tried again, expressions are compiled and no copy of a table lags, whatever these say.
  query('ksql.fail.on.production.error', 'true', isBoolean),
  query('ksql.query.pull.interpreter.enabled', 'true', isBoolean),
  query('ksql.query.pull.max.allowed.offset.lag', String(2n ** 63n - 1n), (value) =>
    /^\d{1,19}$/.test(value),
  ),
  query('ksql.nested.error.set.null', 'true', isBoolean),
  query('ksql.cast.strings.preserve.nulls', 'true', isBoolean),
  query('ksql.create.or.replace.enabled', 'true', isBoolean),
  query('ksql.lambdas.enabled', 'true', isBoolean),
  query('ksql.query.pull.limit.clause.enabled', 'true', isBoolean),
  query('ksql.source.table.materialization.enabled', 'true', isBoolean),
  query('ksql.output.topic.name.prefix', ''),
  query('ksql.new.query.planner.enabled', 'false', isBoolean),
  query('ksql.functions.substring.legacy.args', 'false', isBoolean),
  query('ksql.assert.topic.default.timeout.ms', '1000', isCount),
  query('ksql.assert.schema.default.timeout.ms', '1000', isCount),
  query('ksql.suppress.enabled', 'true', isBoolean),
  query('ksql.suppress.loses.on.jump', 'false', isBoolean),
  query('ksql.passed.texts.copied', 'true', isBoolean),
  query('ksql.variable.substitution.enable', 'true', isBoolean),
  query('ksql.headers.columns.enabled', 'true', isBoolean),
  query('ksql.query.push.v2.continuation.tokens.enabled', 'false', isBoolean),
  server('ksql.insert.into.values.enabled', 'true'),
  server('ksql.logging.processing.stream.auto.create', 'false'),
  server('ksql.logging.processing.stream.name', 'KSQL_PROCESSING_LOG'),
  server('ksql.properties.overrides.denylist', ''),
  server('ksql.query.persistent.active.limit', UNLIMITED),
  server('ksql.query.pull.max.qps', UNLIMITED),
  server('ksql.query.pull.max.concurrent.requests', UNLIMITED),
  server('ksql.query.pull.max.hourly.bandwidth.megabytes', UNLIMITED),
  server('ksql.query.push.v2.max.hourly.bandwidth.megabytes', UNLIMITED),
  server('ksql.service.id', 'default_'),
];

function streams(name: string, value: string, check: (value: string) => boolean): PropertyDefinition {
  return { name, scope: 'STREAMS', level: 'QUERY', value, check };
}

function query(name: string, value: string, check?: (value: string) => boolean): PropertyDefinition {
  return { name, scope: 'KSQL', level: 'QUERY', value, ...(check && { check }) };
}

function server(name: string, value: string): PropertyDefinition {
  return { name, scope: 'KSQL', level: 'SERVER', value };
}

const BY_NAME = new Map(PROPERTIES.map((property) => [property.name, property]));

/** Kafka Streams and client settings that mean nothing here but that existing clients send. */
const IGNORED =
  /^(consumer|producer|admin|topic|main\.consumer|restore\.consumer)\.|^(request|default|session|receive|send|metadata|state|replication|topology|__)[.\w]*$/;

/** Of a function's own configuration, whatever it is called. */
const OF_FUNCTIONS = /^ksql\.functions\./;

/** Throws a KsqlError for a property nobody knows, that is the server's own, or a value that does not fit. */
export function checkProperty(rawName: string, value: string): void {
  checkSettable(rawName);
  const known = BY_NAME.get(propertyName(rawName));
  if (known?.check && !known.check(value))
    throw new KsqlError(BAD_REQUEST, `The value '${value}' does not fit the property ${rawName}.`);
}

/** Throws a KsqlError for a property that no request may set. */
export function checkSettable(rawName: string): void {
  checkPropertyName(rawName);
  if (BY_NAME.get(propertyName(rawName))?.level === 'SERVER')
    throw new KsqlError(
      BAD_REQUEST,
      `The property ${rawName} belongs to the server and cannot be overridden.`,
    );
}

/** Throws a KsqlError for a property nobody knows. Others of ksqlDB's mean nothing here, unless they are nearly a known one. */
export function checkPropertyName(rawName: string): void {
  const name = propertyName(rawName);
  if (BY_NAME.has(name) || IGNORED.test(name) || OF_FUNCTIONS.test(name)) return;
  const near = nearestOf(name, BY_NAME.keys());
  if (near === undefined && rawName.startsWith('ksql.')) return;
  const hint = near === undefined ? 'SHOW PROPERTIES lists the known ones.' : `Did you mean '${near}'?`;
  throw new KsqlError(BAD_REQUEST, `There is no property ${rawName}. ${hint}`);
}
