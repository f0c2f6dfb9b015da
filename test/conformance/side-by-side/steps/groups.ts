import { type Mask, type Step, script, start, step, steps, stop } from '../script.ts';

/** Keys spread over partitions as the murmur hash says, so the same on both sides. */
const KEYED = Array.from({ length: 12 }, (_, n) => `k${n}\tv${n}\n`).join('');
/** The tool lists them in the order of a hash. */
const VALID_STATES: readonly Mask[] = [[/Valid states are:.*/g, '']];

const FROM_KEYS = '--property parse.key=true';

export const GROUPS = script(
  'kafka-consumer-groups on groups without members',
  step('kafka-topics --create --topic read --partitions 2'),
  step('kafka-topics --create --topic other'),
  step(`kafka-console-producer --topic read ${FROM_KEYS}`, { stdin: KEYED }),
  step('kafka-console-producer --topic other', { stdin: 'a\nb\nc\n' }),
  step('kafka-console-consumer --topic read --group gone --from-beginning --max-messages 12', {
    unordered: true,
  }),
  step('kafka-console-consumer --topic other --group gone --from-beginning --max-messages 2', {}),
  ...['--list', '--list --state', '--list --state Empty', '--list --state Stable', '--list --type'].map(
    (options) => step(`kafka-consumer-groups ${options}`, { unordered: true }),
  ),
  ...steps(`
    kafka-consumer-groups --list --type classic
    kafka-consumer-groups --list --type consumer
    kafka-consumer-groups --list --type nonsense
    kafka-consumer-groups --describe --group gone
    kafka-consumer-groups --describe --group gone --offsets --verbose
    kafka-consumer-groups --describe --group gone --members
    kafka-consumer-groups --describe --group gone --members --verbose
    kafka-consumer-groups --describe --group gone --state
    kafka-consumer-groups --describe --group gone --state --verbose
    kafka-consumer-groups --describe --all-groups
    kafka-consumer-groups --describe --group nobody
    kafka-consumer-groups --describe --group nobody --state
    kafka-consumer-groups --describe --group nobody --members
    kafka-consumer-groups --describe
  `),
  step('kafka-consumer-groups --list --state nonsense', { masks: VALID_STATES }),
  ...resets(),
  ...steps(`
    kafka-consumer-groups --delete-offsets --group gone --topic other
    kafka-consumer-groups --delete-offsets --group gone --topic read:1
    kafka-consumer-groups --delete-offsets --group gone --topic nothing
    kafka-consumer-groups --delete-offsets --group nobody --topic read
    kafka-consumer-groups --delete-offsets --group gone
  `),
  step('kafka-consumer-groups --describe --group gone'),
  ...steps(`
    kafka-consumer-groups --delete --group nobody
    kafka-consumer-groups --delete --group gone --group nobody
    kafka-consumer-groups --delete
    kafka-consumer-groups
    kafka-consumer-groups --validate-regex a.*b
    kafka-consumer-groups --validate-regex a[
  `),
  step('kafka-consumer-groups --list'),
  ...steps(`
    kafka-groups --list
    kafka-groups --list --consumer
    kafka-groups --list --share
    kafka-groups --list --group-type classic
    kafka-groups --list --protocol consumer
    kafka-groups --list --group-type nonsense
    kafka-groups
  `),
);

function resets(): Step[] {
  const reset = 'kafka-consumer-groups --reset-offsets --group gone';
  return [
    ...steps(
      `
      ${reset} --topic read --to-earliest --dry-run
      ${reset} --topic read --to-earliest --execute
      ${reset} --topic read --to-latest --execute
      ${reset} --topic read --shift-by -2 --execute
      ${reset} --topic read:0 --shift-by 100 --execute
      ${reset} --topic read:0,1 --to-offset 3 --execute
      ${reset} --topic read --to-offset 300 --execute
      ${reset} --topic read --to-current --execute
      ${reset} --topic read --to-datetime 2001-01-01T00:00:00.000 --execute
      ${reset} --topic read --to-datetime 2099-01-01T00:00:00.000 --execute
      ${reset} --topic read --by-duration PT1H --execute
      ${reset} --all-topics --to-earliest --execute
      ${reset} --all-topics --to-latest
      ${reset} --all-topics --to-earliest --export --dry-run
      ${reset} --topic nothing --to-earliest --execute
      ${reset} --topic read --to-datetime yesterday --execute
      ${reset} --topic read
      ${reset} --to-earliest --execute
      kafka-consumer-groups --reset-offsets --group fresh --topic read --to-earliest --execute
      kafka-consumer-groups --reset-offsets --all-groups --topic read --to-latest --export --dry-run
    `,
      { unordered: true },
    ),
    step(`${reset} --from-file $DIR/offsets.csv --execute`, {
      files: { 'offsets.csv': 'read,0,1\nread,1,2\n' },
      unordered: true,
    }),
    step('kafka-consumer-groups --describe --group gone'),
    step('kafka-consumer-groups --delete --group fresh'),
  ];
}

/** A group with a member, by each protocol, under every command that must respect members. */
function liveGroup(protocol: 'classic' | 'consumer'): Step[] {
  const group = `live-${protocol}`;
  const groups = 'kafka-consumer-groups';
  const consumer = `kafka-console-consumer --topic live --group ${group} --from-beginning`;
  return [
    start(
      group,
      `${consumer} --consumer-property group.protocol=${protocol} --consumer-property client.id=reader ` +
        '--consumer-property auto.commit.interval.ms=100',
    ),
    // Until it has read and committed everything: then all that follows is the same.
    step(`${groups} --describe --group ${group}`, {
      until: /(?=[\s\S]*live +0 +8 +8 +0 )(?=[\s\S]*live +1 +4 +4 +0 )/,
    }),
    step(`${groups} --describe --group ${group} --state`, { until: /Stable/ }),
    ...steps(`
      ${groups} --describe --group ${group} --state --verbose
      ${groups} --describe --group ${group} --members
      ${groups} --describe --group ${group} --members --verbose
      ${groups} --describe --group ${group} --offsets --verbose
      ${groups} --list --state Stable --type ${protocol}
      ${groups} --reset-offsets --group ${group} --topic live --to-earliest --execute
      ${groups} --delete-offsets --group ${group} --topic live
      ${groups} --delete-offsets --group ${group} --topic elsewhere
      ${groups} --delete --group ${group}
      kafka-groups --list --group-type ${protocol} --consumer
    `),
    stop(group, { unordered: true }),
    step(`${groups} --describe --group ${group}`, { until: / - +- +- *$/m }),
    step(`${groups} --describe --group ${group} --state`, { until: /Empty/ }),
    step(`${groups} --delete --group ${group}`),
  ];
}

export const LIVE_GROUPS = script(
  'kafka-consumer-groups on groups with members',
  step('kafka-topics --create --topic live --partitions 2'),
  step('kafka-topics --create --topic elsewhere'),
  step(`kafka-console-producer --topic live ${FROM_KEYS}`, { stdin: KEYED }),
  ...liveGroup('classic'),
  ...liveGroup('consumer'),
);

const share = 'kafka-share-groups';

export const SHARE_GROUPS = script(
  'kafka-share-groups and kafka-console-share-consumer',
  step('kafka-topics --create --topic shared'),
  step('kafka-configs --alter --group sharers --add-config share.auto.offset.reset=earliest'),
  step('kafka-console-producer --topic shared', { stdin: 'a\nb\nc\nd\n' }),
  step('kafka-console-share-consumer --topic shared --group sharers --max-messages 4 --timeout-ms 20000'),
  step('kafka-console-producer --topic shared', { stdin: 'e\nf\n' }),
  step(
    'kafka-console-share-consumer --topic shared --group sharers --max-messages 1 --timeout-ms 20000 --reject',
  ),
  start(
    'sharer',
    'kafka-console-share-consumer --topic shared --group sharers --consumer-property client.id=sharer',
  ),
  step(`${share} --describe --group sharers --state`, { until: /Stable/ }),
  ...steps(`
    ${share} --list
    ${share} --list --state
    ${share} --list --state Stable
    ${share} --describe --group sharers
    ${share} --describe --group sharers --verbose
    ${share} --describe --group sharers --members
    ${share} --describe --group sharers --members --verbose
    ${share} --describe --group sharers --state --verbose
    ${share} --describe --all-groups
    ${share} --describe --group nobody
    ${share} --delete --group sharers
    ${share} --delete-offsets --group sharers --topic shared
    ${share} --reset-offsets --group sharers --topic shared --to-earliest --execute
    kafka-consumer-groups --describe --group sharers
    kafka-groups --list --share
  `),
  stop('sharer'),
  step(`${share} --describe --group sharers --state`, { until: /Empty/ }),
  step(`${share} --describe --group sharers`),
  ...steps(`
    ${share} --delete-offsets --group sharers --topic shared
    ${share} --delete-offsets --group sharers --topic nothing
    ${share} --delete-offsets --group nobody --topic shared
  `),
  step(`${share} --delete --group sharers`),
  step(`${share} --delete --group nobody`),
  step(`${share} --list`),
  step(share),
);
