import type { Command } from 'commander';
import { systemClock } from '../../base/clock.ts';
import { systemRandom } from '../../base/random.ts';
import { RemoteRegistry } from '../../registry/remote-registry.ts';
import { datagen } from './datagen.ts';
import {
  DATAGEN_OPTIONS,
  type DatagenOption,
  datagenSettings,
  type GivenOptions,
  withWords,
} from './datagen-settings.ts';

/** `millrace datagen ...`: ksql-datagen's options, as flags or as the words `name=value` that it takes. */
export function addDatagen(program: Command): void {
  const command = program
    .command('datagen')
    .description('fill a topic of any Kafka broker with made-up records')
    .argument('[name=value...]', 'the options below without their dashes')
    .addHelpText('after', '\nExample: millrace datagen quickstart=pageviews topic=pageviews msgRate=10');
  for (const [name, [value, description]] of Object.entries(DATAGEN_OPTIONS))
    command.option(`--${name} <${value}>`, description);
  command.action(async (words: readonly string[]) => {
    const flags: Partial<Record<DatagenOption, string>> = {};
    for (const option of command.options) {
      const value: unknown = command.getOptionValue(option.attributeName());
      if (typeof value === 'string') flags[option.long!.slice(2) as DatagenOption] = value;
    }
    await run(withWords(flags, words));
  });
}

async function run(given: GivenOptions): Promise<void> {
  const settings = datagenSettings(given);
  const registry = new RemoteRegistry({ url: settings.registryUrl, user: settings.registryUser });
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  const stopping = new AbortController();
  // Once: who does not want to wait for what is under way asks again.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
  process.stderr.write(`Filling topic ${settings.topic}; Ctrl-C ends it.\n`);
  const effects = { clock: systemClock, random: systemRandom };
  const count = await datagen(settings, { registry, write, stopping: stopping.signal, ...effects });
  write(`${count} records are in topic ${settings.topic}.`);
}
