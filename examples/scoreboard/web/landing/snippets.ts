import { byId, make } from '../shared/dom.ts';
import type { Overview } from './overview.ts';

/** How to look at the same data with other people's programs; the addresses are this server's own. */
export function paintSnippets({ kafkaAddress, httpAddress, registryAddress }: Overview): void {
  const http = httpAddress.startsWith('http') ? httpAddress : `http://${httpAddress}`;
  const snippets: readonly (readonly [name: string, text: string])[] = [
    ['kcat: the table as a topic', `kcat -b ${kafkaAddress} -C -t STATS_PER_USER -o beginning -K ' '`],
    [
      'kafkajs: every move as it happens',
      `import { Kafka } from 'kafkajs';

const kafka = new Kafka({ brokers: ['${kafkaAddress}'] });
const consumer = kafka.consumer({ groupId: 'report' });
await consumer.connect();
await consumer.subscribe({ topic: 'USER_GAME', fromBeginning: true });
await consumer.run({
  eachMessage: async ({ partition, message }) =>
    console.log(partition, message.offset, String(message.value)),
});`,
    ],
    ['curl: what is true now', `curl -s ${http}/query-stream -d '{"sql":"SELECT * FROM STATS_PER_USER;"}'`],
    [
      'curl: every change from now on',
      `curl -sN ${http}/query-stream -d '{"sql":"SELECT * FROM SCOREBOARD EMIT CHANGES;"}'`,
    ],
    ...(registryAddress === ''
      ? []
      : [
          ['curl: the schemas of topics that have one', `curl -s http://${registryAddress}/schemas`] as const,
        ]),
  ];
  byId('snippets').replaceChildren(
    ...snippets.map(([name, text]) => {
      const copy = make('button', 'copy', 'Copy');
      copy.type = 'button';
      copy.setAttribute('aria-label', `Copy: ${name}`);
      copy.addEventListener('click', () => {
        void navigator.clipboard.writeText(text).then(
          () => (copy.textContent = 'Copied'),
          () => (copy.textContent = 'Select it by hand'),
        );
        setTimeout(() => (copy.textContent = 'Copy'), 1_500);
      });
      return make('figure', '', make('figcaption', '', name, copy), make('pre', '', text));
    }),
  );
}
