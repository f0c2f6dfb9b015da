import { script, start, step, stop } from '../script.ts';

const WORKER = `bootstrap.servers=$BROKER
listeners=http://127.0.0.1:$FREE_PORT
key.converter=org.apache.kafka.connect.storage.StringConverter
value.converter=org.apache.kafka.connect.storage.StringConverter
plugin.discovery=service_load
offset.flush.interval.ms=500
`;

const STANDALONE = `${WORKER}offset.storage.file.filename=$DIR/standalone.offsets\n`;

const DISTRIBUTED = `${WORKER}group.id=connect
config.storage.topic=connect-configs
offset.storage.topic=connect-offsets
status.storage.topic=connect-status
config.storage.replication.factor=1
offset.storage.replication.factor=1
status.storage.replication.factor=1
exactly.once.source.support=enabled
`;

const source = (name: string, topic: string) => ({
  name,
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  'tasks.max': '1',
  file: `$DIR/${name}.txt`,
  topic,
});

const sink = (name: string, topics: string) => ({
  name,
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  'tasks.max': '1',
  file: `$DIR/${name}.txt`,
  topics,
});

const properties = (config: Record<string, string>) =>
  Object.entries(config)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

const LINES = 'first\nsecond\nthird\n';
const REST = 'http://127.0.0.1:$FREE_PORT';

function put(config: Record<string, string>) {
  const line = `http-call PUT ${REST}/connectors/${config.name}/config '${JSON.stringify(config)}'`;
  return step(line, { bare: true, masks: [[/"version":"[^"]*"/g, '"version":"V"']] });
}

/** Kafka Connect's workers with the connectors that read and write lines of files. */
export const CONNECT = script(
  'Kafka Connect',
  start(
    'standalone',
    'connect-standalone $DIR/standalone.properties $DIR/source.properties $DIR/sink.properties',
    {
      bare: true,
      files: {
        'standalone.properties': STANDALONE,
        'source.properties': properties(source('lines', 'connected')),
        'sink.properties': properties(sink('copy', 'connected')),
        'lines.txt': LINES,
      },
    },
  ),
  step('kafka-console-consumer --topic connected --from-beginning --max-messages 3 --timeout-ms 60000', {
    timeoutMs: 90_000,
  }),
  step('kafka-consumer-groups --describe --group connect-copy', { until: /connected +0 +3 +3 +0/ }),
  step(`http-call GET ${REST}/connectors`, { bare: true, unordered: true }),
  stop('standalone', { masks: [[/[\s\S]*/, '']] }),
  start('distributed', 'connect-distributed $DIR/distributed.properties', {
    bare: true,
    files: { 'distributed.properties': DISTRIBUTED, 'more-lines.txt': LINES },
  }),
  put(source('more-lines', 'connected-again')),
  put(sink('more-copies', 'connected-again')),
  step(
    'kafka-console-consumer --topic connected-again --from-beginning --max-messages 3 --timeout-ms 60000 --isolation-level read_committed',
    { timeoutMs: 90_000 },
  ),
  step('kafka-consumer-groups --describe --group connect-more-copies', {
    until: /connected-again +0 +3 /,
  }),
  step(`http-call GET ${REST}/connectors/more-copies/status`, { bare: true }),
  step(`http-call DELETE ${REST}/connectors/more-lines`, { bare: true }),
  stop('distributed', { masks: [[/[\s\S]*/, '']] }),
  step('kafka-topics --describe --topic connect-configs'),
);
