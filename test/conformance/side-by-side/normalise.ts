import type { Seen } from './command-server.ts';
import type { Mask, Step } from './script.ts';

/** What no two runs share. */
const RUN_MASKS: readonly Mask[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UUID'],
  // Ids as Kafka writes them: 16 bytes in the URL alphabet of base 64.
  [/(?<![\w-])(?=[\w-]*[A-Z][\w-]*[A-Z])[\w-]{22}(?![\w-])/g, 'ID'],
  [/\badminclient-\d+/g, 'adminclient-N'],
  [/\bconsole-(share-)?consumer-\d+/g, 'console-$1consumer-N'],
  [/\b1[789]\d{11}\b/g, 'TIME'],
  [/\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:?\d\d)?/g, 'TIME'],
  // Of the metadata log, which grows by more or fewer records.
  [/(FinalizedVersionLevel: \S+\s+Epoch): \d+/g, '$1: N'],
  // Mechanisms come in the order of a hash map.
  [/(SCRAM-SHA-512=\S+), (SCRAM-SHA-256=[^\s,]+)/g, '$2, $1'],
  // Columns are as wide as what stands in them.
  [/[ \t]+/g, ' '],
  [/ +$/gm, ''],
  // Where in the tool it went wrong follows from what went wrong.
  [/^\s*(at [\w.$/]+\(.*\)|\.\.\. \d+ more)\n?/gm, ''],
];

function masked(text: string, masks: readonly Mask[]): string {
  return masks.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
}

/** What a command showed, without what differs between two runs against one broker. */
export function normalise(seen: Seen, step: Step, own: readonly Mask[]): string {
  const show = (name: string, text: string) => {
    const clean = masked(text, [...own, ...RUN_MASKS, ...(step.masks ?? [])]).trimEnd();
    const lines = clean.split('\n').filter((line) => line !== '');
    return (step.unordered ? lines.sort() : lines).map((line) => `${name}| ${line}`);
  };
  const ending = seen.timedOut ? 'did not end' : `exit ${seen.code}`;
  return [...show('out', seen.stdout), ...(step.ignoreStderr ? [] : show('err', seen.stderr)), ending].join(
    '\n',
  );
}

export function escaped(text: string): RegExp {
  return new RegExp(text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'g');
}
