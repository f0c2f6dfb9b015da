import { byId, formatCount, make, showLinkState } from '../shared/dom.ts';
import { KsqlClient } from '../shared/ksql-client.ts';
import { FoldPicture } from './fold-picture.ts';
import { paintLists } from './lists.ts';
import { LogPicture } from './log-picture.ts';
import {
  followOverview,
  type Overview,
  Rates,
  recordCount,
  shownTopics,
  type TopicOverview,
} from './overview.ts';
import { paintSnippets } from './snippets.ts';

const picture = new LogPicture();
const rates = new Rates();
const topicField = byId<HTMLSelectElement>('topic');
let chosenTopic = '';
let chosenPartition = 0;
let pickedByHand = false;
let latest: Overview | undefined;
let addresses = '';

function show(overview: Overview): void {
  latest = overview;
  showChoices(overview);
  picture.update(overview);
  showFigures(overview);
  // After a restart the server may listen elsewhere; otherwise the texts stay, so that they can be selected.
  const { kafkaAddress, httpAddress, registryAddress } = overview;
  if (addresses !== kafkaAddress + httpAddress + registryAddress) {
    addresses = kafkaAddress + httpAddress + registryAddress;
    paintSnippets(overview);
  }
}

function showFigures(overview: Overview): void {
  const nowMs = performance.now();
  for (const topic of overview.topics) rates.add(topic.name, recordCount(topic), nowMs);
  const topics = shownTopics(overview);
  const records = topics.reduce((sum, topic) => sum + recordCount(topic), 0);
  const perSecond = topics.reduce((sum, { name }) => sum + rates.perSecond(name, nowMs), 0);
  byId('records').textContent = formatCount(records);
  byId('rate').textContent = formatCount(Math.round(perSecond));
  byId('running').textContent = String(overview.queries.filter(({ state }) => state === 'RUNNING').length);
  byId('quiet').hidden = records > 0;
  byId('footer').textContent =
    `Millrace ${overview.version} · Kafka ${overview.kafkaAddress} · HTTP ${overview.httpAddress}`;
  paintLists(overview, rates, nowMs);
}

function showChoices(overview: Overview): void {
  const names = shownTopics(overview).map(({ name }) => name);
  const shown = [...topicField.options].map(({ value }) => value);
  if (names.join() !== shown.join()) {
    topicField.replaceChildren(...names.map((name) => new Option(name)));
    topicField.value = chosenTopic;
  }
  if (chosenTopic === '' && names.length > 0)
    chooseTopic(names.includes('USER_GAME') ? 'USER_GAME' : names[0]!);
  // An empty partition shows nothing: go where the records are, unless somebody wants it empty.
  if (!pickedByHand && endOf(chosenPartition) === 0 && longestPartition() !== chosenPartition) {
    choosePartition(longestPartition());
  }
}

function partitionsOfChoice(): TopicOverview['partitions'] {
  return latest?.topics.find(({ name }) => name === chosenTopic)?.partitions ?? [];
}

function endOf(partition: number): number {
  return partitionsOfChoice().find((one) => one.partition === partition)?.highWatermark ?? 0;
}

function longestPartition(): number {
  const numbers = partitionsOfChoice().map(({ partition }) => partition);
  return numbers.reduce((best, number) => (endOf(number) > endOf(best) ? number : best), 0);
}

function chooseTopic(name: string): void {
  chosenTopic = name;
  topicField.value = name;
  pickedByHand = false;
  choosePartition(longestPartition());
}

function choosePartition(partition: number): void {
  chosenPartition = partition;
  byId('partitions').replaceChildren(
    ...partitionsOfChoice().map(({ partition: number }) => {
      const button = make('button', '', String(number));
      button.type = 'button';
      button.setAttribute('aria-label', `Partition ${number}`);
      button.setAttribute('aria-pressed', String(number === chosenPartition));
      button.addEventListener('click', () => {
        pickedByHand = true;
        choosePartition(number);
      });
      return button;
    }),
  );
  picture.select(chosenTopic, partition);
}

topicField.addEventListener('change', () => chooseTopic(topicField.value));
void followOverview(show, (state) => showLinkState(byId('link'), state));
new FoldPicture(new KsqlClient());
// Rates fall to nothing by silence, which no overview announces.
setInterval(() => latest !== undefined && showFigures(latest), 1_000);
