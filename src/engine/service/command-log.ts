import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { topicMachineLog } from '../../topics/machine-log.ts';
import { StateMachineRunner } from '../../topics/runner.ts';
import { TopicError, type Topics } from '../../topics/topics.ts';
import { type Command, commandCodec } from './command.ts';
import { type CommandCalls, SqlState } from './sql-state.ts';

/** What earlier statements made, read back from the command topic, and the runner that appends what later ones do. */
export async function openCommandLog(options: {
  readonly topics: Topics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly serviceId: string;
}): Promise<{ readonly state: SqlState; readonly runner: StateMachineRunner<CommandCalls, Command> }> {
  const { topics, clock, logger } = options;
  const topic = `_confluent-ksql-${options.serviceId}_command_topic`;
  await ensureTopic(topics, topic);
  const state = new SqlState();
  const log = topicMachineLog(topics, { topic, partition: 0 });
  const runner = await StateMachineRunner.open({ machine: state, codec: commandCodec, log, clock, logger });
  return { state, runner };
}

async function ensureTopic(topics: Topics, name: string): Promise<void> {
  if ((await topics.describe([name])).length > 0) return;
  try {
    const config = new Map([
      ['cleanup.policy', 'delete'],
      ['retention.ms', '-1'],
    ]);
    await topics.create({ name, partitionCount: 1, internal: true, config });
  } catch (error) {
    if (!(error instanceof TopicError && error.code === 'TOPIC_ALREADY_EXISTS')) throw error;
  }
}
