import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { StateMachineRunner } from '../topics/runner.ts';
import type { CallTable, EntryCodec, StateMachine } from '../topics/state-machine.ts';
import { partitionMachineLog } from './partition-machine-log.ts';

interface Partition<Machine, Calls extends CallTable, Entry> {
  readonly machine: Machine;
  readonly runner: StateMachineRunner<Calls, Entry>;
  readonly log: PartitionLog;
}

/** One state machine for each partition of a coordinator topic; a key always meets the same one. */
export class CoordinatorPartitions<
  Machine extends StateMachine<Calls, Entry>,
  Calls extends CallTable,
  Entry,
> {
  readonly topic: string;
  readonly #partitions: readonly Partition<Machine, Calls, Entry>[];

  static async open<Machine extends StateMachine<Calls, Entry>, Calls extends CallTable, Entry>(options: {
    readonly topic: string;
    readonly logs: readonly PartitionLog[];
    readonly createMachine: () => Machine;
    readonly codec: EntryCodec<Entry>;
    readonly clock: Clock;
    readonly logger: Logger;
  }): Promise<CoordinatorPartitions<Machine, Calls, Entry>> {
    const { topic, logs, createMachine, codec, clock } = options;
    const opening = logs.map(async (log, partition) => {
      const machine = createMachine();
      const logger = options.logger.child({ topic, partition });
      const runner = await StateMachineRunner.open<Calls, Entry>({
        machine,
        codec,
        log: partitionMachineLog(log),
        clock,
        logger,
      });
      return { machine, runner, log };
    });
    return new CoordinatorPartitions(topic, await Promise.all(opening));
  }

  private constructor(topic: string, partitions: readonly Partition<Machine, Calls, Entry>[]) {
    this.topic = topic;
    this.#partitions = partitions;
  }

  get count(): number {
    return this.#partitions.length;
  }

  all(): readonly Partition<Machine, Calls, Entry>[] {
    return this.#partitions;
  }

  at(partition: number): Partition<Machine, Calls, Entry> | undefined {
    return this.#partitions[partition];
  }

  /** Kafka's rule, so that tools find the partition that holds a group. */
  partitionOf(key: string): number {
    return (javaHash(key) & 0x7fffffff) % this.#partitions.length;
  }

  of(key: string): Partition<Machine, Calls, Entry> {
    return this.#partitions[this.partitionOf(key)]!;
  }

  submit<Kind extends keyof Calls & string>(
    key: string,
    kind: Kind,
    request: Calls[Kind]['request'],
  ): Promise<Calls[Kind]['reply']> {
    return this.of(key).runner.submit(kind, request);
  }

  close(): void {
    for (const { runner } of this.#partitions) runner.close();
  }
}

/** java.lang.String#hashCode */
function javaHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (hash * 31 + text.charCodeAt(index)) | 0;
  return hash;
}
