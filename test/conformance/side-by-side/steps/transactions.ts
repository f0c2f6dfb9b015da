import { type Mask, script, start, step, steps, stop } from '../script.ts';

const TRANSACTIONS = 'kafka-transactions';

/** Producer ids are handed out as others asked before; durations and start times are of this run. */
const NUMBERS: readonly Mask[] = [
  [/\b(TransactionalId|held) (\S+) \d+\b/g, '$1 $2 PID'],
  [/ \d+ (Ongoing|CompleteCommit|CompleteAbort|Empty|PrepareAbort|PrepareCommit)\b/g, ' PID $1'],
  [/ \d+ms\b/g, ' Nms'],
];

const PRODUCERS: readonly Mask[] = [[/^\d+ (\d+) (-?\d+) (\S+) (\S+) (\S+)$/gm, 'PID $1 $2 TIME $4 $5']];

export const TRANSACTION_TOOLS = script(
  'kafka-transactions and transactional clients',
  step('kafka-topics --create --topic source'),
  step('kafka-topics --create --topic sink'),
  step(`${TRANSACTIONS} list`),
  step('kafka-console-producer --topic source', {
    stdin: Array.from({ length: 20 }, (_, n) => `m${n}\n`).join(''),
  }),
  step(
    'transactional-message-copier --transactional-id copier --input-topic source --input-partition 0 --output-topic sink --consumer-group copiers --max-messages 20 --transaction-size 5',
    {
      masks: [
        [/"(time_taken|timestamp|time)":"?[^",}]*"?/g, '"$1":N'],
        [/^.*"stage":"ProcessLoop".*\n/gm, ''],
      ],
    },
  ),
  step(
    'kafka-console-consumer --topic sink --from-beginning --max-messages 20 --isolation-level read_committed',
  ),
  step('kafka-consumer-groups --describe --group copiers'),
  start('held', 'open-transaction $BROKER held sink one two'),
  step(`${TRANSACTIONS} list`, { until: /held/, masks: NUMBERS, unordered: true }),
  step(`${TRANSACTIONS} describe --transactional-id held`, {
    until: /Ongoing/,
    masks: [[/^(\d+) held \d+ (\d+) (\S+) (\d+) \S+ \d+ (.*)$/gm, '$1 held PID $2 $3 $4 TIME N $5']],
  }),
  step(`${TRANSACTIONS} describe-producers --topic sink --partition 0`, {
    masks: PRODUCERS,
    unordered: true,
  }),
  step(
    'kafka-console-consumer --topic sink --from-beginning --timeout-ms 1500 --isolation-level read_committed',
  ),
  step('kafka-console-consumer --topic sink --from-beginning --timeout-ms 1500'),
  step('kafka-get-offsets --topic sink'),
  ...steps(
    `
    ${TRANSACTIONS} list --duration-filter 3600000
    ${TRANSACTIONS} list --transactional-id-pattern he.*
    ${TRANSACTIONS} list --transactional-id-pattern [
    ${TRANSACTIONS} describe --transactional-id nobody
    ${TRANSACTIONS} find-hanging --broker-id 1
    ${TRANSACTIONS} find-hanging --broker-id 1 --max-transaction-timeout 15 --topic sink
    ${TRANSACTIONS} abort --topic sink --partition 0 --start-offset 0
    ${TRANSACTIONS} abort --topic sink --partition 0 --start-offset 24
    ${TRANSACTIONS} abort --topic sink --partition 0 --producer-id 99999 --producer-epoch 0 --coordinator-epoch 0
    ${TRANSACTIONS} forceTerminateTransaction --transactionalId nobody
    ${TRANSACTIONS}
  `,
    { masks: NUMBERS },
  ),
  step(
    'kafka-console-consumer --topic sink --from-beginning --timeout-ms 1500 --isolation-level read_committed',
  ),
  stop('held'),
  start('forced', 'open-transaction $BROKER forced sink three'),
  step(`${TRANSACTIONS} describe --transactional-id forced`, {
    until: /Ongoing/,
    masks: [[/^(\d+) forced \d+ (\d+) (\S+) (\d+) \S+ \d+ (.*)$/gm, '$1 forced PID $2 $3 $4 TIME N $5']],
  }),
  step(`${TRANSACTIONS} forceTerminateTransaction --transactionalId forced`),
  stop('forced'),
  step(
    'kafka-console-consumer --topic sink --from-beginning --timeout-ms 1500 --isolation-level read_committed',
  ),
);
