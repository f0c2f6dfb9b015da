// npm run bench -- NAME [--quick]      NAME: start, produce, consume, scoreboard, engine, threads (default: all)
import { kafkaClasspath } from '../test/support/foreign.ts';
import { consume } from './consume.ts';
import { engineScoreboard } from './engine-scoreboard.ts';
import { produce } from './produce.ts';
import { scoreboard } from './scoreboard.ts';
import { start } from './start.ts';
import { machine } from './support/machine.ts';
import { threads } from './threads.ts';

const BENCHES: Record<string, (quick: boolean) => Promise<void>> = {
  start,
  produce,
  consume,
  scoreboard,
  threads,
  engine: (quick) => engineScoreboard(quick ? 200_000 : 2_000_000, quick ? 1 : 5),
};

const quick = process.argv.includes('--quick');
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = names.filter((name) => !(name in BENCHES));
const needsKafka = names.length === 0 || names.some((name) => name !== 'engine' && name !== 'threads');
if (unknown.length > 0 || (needsKafka && kafkaClasspath() === undefined)) {
  console.error(
    unknown.length > 0
      ? `no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`
      : 'Apache Kafka is missing: run scripts/fetch-rivals.sh',
  );
  process.exit(1);
}
console.log(machine());
for (const [name, bench] of Object.entries(BENCHES)) {
  if (names.length === 0 || names.includes(name)) await bench(quick);
}
