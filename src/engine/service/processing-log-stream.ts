import { processingLogTopic } from '../names.ts';

/** Whether a server declares the stream by itself, as ksqlDB's shipped configuration has it. */
export const LOG_STREAM_ENABLED = 'ksql.logging.processing.stream.auto.create';
const LOG_STREAM_NAME = 'ksql.logging.processing.stream.name';

/** ksqlDB's columns, and the place of the record in its topic beside them. */
const MESSAGE = `STRUCT<
    \`type\` INT,
    \`deserializationError\` STRUCT<\`target\` STRING, \`errorMessage\` STRING, \`recordB64\` STRING, \`cause\` ARRAY<STRING>, \`topic\` STRING, \`partition\` INT, \`offset\` BIGINT>,
    \`recordProcessingError\` STRUCT<\`errorMessage\` STRING, \`record\` STRING, \`cause\` ARRAY<STRING>, \`topic\` STRING, \`partition\` INT, \`offset\` BIGINT>,
    \`productionError\` STRUCT<\`errorMessage\` STRING>,
    \`serializationError\` STRUCT<\`target\` STRING, \`errorMessage\` STRING, \`record\` STRING, \`cause\` ARRAY<STRING>, \`topic\` STRING>,
    \`kafkaStreamsThreadError\` STRUCT<\`errorMessage\` STRING, \`threadName\` STRING, \`cause\` ARRAY<STRING>>
  >`;

/** The statement that makes what queries had to leave out readable by SQL; undefined where the settings do not want it. */
export function processingLogStream(
  serviceId: string,
  properties: Readonly<Record<string, string>>,
): string | undefined {
  if (properties[LOG_STREAM_ENABLED]?.toLowerCase() !== 'true') return undefined;
  const name = properties[LOG_STREAM_NAME] ?? 'KSQL_PROCESSING_LOG';
  return `CREATE STREAM IF NOT EXISTS ${name} (logger STRING, level STRING, time BIGINT, message ${MESSAGE})
  WITH (KAFKA_TOPIC='${processingLogTopic(serviceId)}', VALUE_FORMAT='JSON', PARTITIONS=1);`;
}
