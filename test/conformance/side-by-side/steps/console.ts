import { script, start, step, steps, stop } from '../script.ts';

const PRODUCER = 'kafka-console-producer';
const CONSUMER = 'kafka-console-consumer';

/** The console producer and consumer with their many options. */
export const CONSOLE = script(
  'kafka-console-producer and kafka-console-consumer',
  step('kafka-topics --create --topic lines --partitions 2'),
  step('kafka-topics --create --topic single'),
  step(`${PRODUCER} --topic lines --property parse.key=true --property parse.headers=true`, {
    stdin: 'h1:x,h2:y\tk1\tv1\nh:\tk2\tv2\nh:z\tk3\t\n',
  }),
  step(
    `${PRODUCER} --topic single --property parse.key=true --property key.separator=: --property null.marker=NULL`,
    {
      stdin: 'a:1\nb:NULL\nNULL:3\n',
    },
  ),
  ...['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec) =>
    step(`${PRODUCER} --topic single --compression-codec ${codec}`, { stdin: `${codec} 1\n${codec} 2\n` }),
  ),
  step(`${PRODUCER} --topic single --request-required-acks 0 --sync`, { stdin: 'unheard\n' }),
  step(`${PRODUCER} --topic single --request-required-acks 1 --batch-size 1 --timeout 5`, { stdin: 'one\n' }),
  step(`${PRODUCER} --topic single --producer-property enable.idempotence=true`, { stdin: 'once\n' }),
  step(`${PRODUCER} --topic single --producer-property acks=2`, { stdin: 'never\n' }),
  step(`${PRODUCER} --topic single --property parse.key=true`, { stdin: 'no separator\n' }),
  step(`${PRODUCER} --topic made-by-asking`, { stdin: 'hello\n' }),
  step(`${PRODUCER} --topic bad/name --max-block-ms 3000`, { stdin: 'x\n' }),
  step(PRODUCER),
  step(`${CONSUMER} --topic single --from-beginning --max-messages 15`),
  step(
    `${CONSUMER} --topic lines --from-beginning --max-messages 3 --property print.key=true --property print.headers=true --property print.partition=true --property print.offset=true --property headers.separator=; --property null.literal=NONE`,
    { unordered: true },
  ),
  ...steps(`
    ${CONSUMER} --topic single --partition 0 --offset 3 --max-messages 2
    ${CONSUMER} --topic single --partition 0 --offset earliest --max-messages 1 --property print.timestamp=true
    ${CONSUMER} --topic single --partition 0 --offset latest --timeout-ms 1000
    ${CONSUMER} --topic single --partition 0 --offset 1000 --timeout-ms 1000
    ${CONSUMER} --topic single --partition 7 --offset earliest --timeout-ms 1000
    ${CONSUMER} --topic single --offset 3
    ${CONSUMER} --topic nothing-here --timeout-ms 1500 --consumer-property allow.auto.create.topics=false
    ${CONSUMER} --include made-.* --from-beginning --max-messages 1
    ${CONSUMER} --topic single --from-beginning --max-messages 2 --consumer-property group.protocol=consumer
    ${CONSUMER} --topic single --from-beginning --max-messages 2 --isolation-level read_committed
    ${CONSUMER} --topic single --from-beginning --max-messages 1 --formatter org.apache.kafka.tools.consumer.NoOpMessageFormatter
    ${CONSUMER} --topic single --from-beginning --max-messages 1 --formatter org.apache.kafka.tools.consumer.LoggingMessageFormatter
    ${CONSUMER} --topic single --from-beginning --group a --consumer-property group.id=b
    ${CONSUMER} --topic single --value-deserializer org.apache.kafka.common.serialization.ByteArrayDeserializer --from-beginning --max-messages 1 --property print.value=false --property print.key=true
    ${CONSUMER}
  `),
  step(`${CONSUMER} --topic single --group resumed --from-beginning --max-messages 2`),
  step(`${CONSUMER} --topic single --group resumed --max-messages 2`),
  start('follower', `${CONSUMER} --topic single --group followers`),
  step('kafka-consumer-groups --describe --group followers --state', { until: /Stable/ }),
  step(`${PRODUCER} --topic single`, { stdin: 'followed\n' }),
  step('kafka-consumer-groups --describe --group followers', { until: /single +0 +(\d+) +\1 +0/ }),
  stop('follower', { masks: [[/Processed a total.*/g, '']] }),
  ...steps(`
    kafka-get-offsets --topic single
    kafka-get-offsets --topic single --time earliest
    kafka-get-offsets --topic single --time -1
    kafka-get-offsets --topic single --time max-timestamp
    kafka-get-offsets --topic single --time earliest-local
    kafka-get-offsets --topic single --time latest-tiered
    kafka-get-offsets --topic single --time 1
    kafka-get-offsets --topic single --time 4102444800000
    kafka-get-offsets --topic single --time nonsense
    kafka-get-offsets --topic lines --partitions 0
    kafka-get-offsets --topic-partitions lines:0-1,single
    kafka-get-offsets --topic nothing
    kafka-get-offsets --topic-partitions single:5
    kafka-get-offsets --exclude-internal-topics --topic .*
  `),
);
