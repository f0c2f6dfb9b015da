import type { Seen } from './command-server.ts';
import { DIFFERENCES, type Difference } from './differences.ts';
import { normalise } from './normalise.ts';
import type { Pair } from './pair.ts';
import { isReading, type Mask, type Step } from './script.ts';

const ATTEMPTS = 6;
const PAUSE_MS = 300;

/** What the two brokers showed for one step. */
export interface Comparison {
  readonly ours: string;
  readonly kafka: string;
}

/**
 * Runs a step on both. Kafka applies some changes shortly after it has answered for them, so a step that only reads is
 * asked again before the answers count as different.
 */
export async function compareStep(pair: Pair, step: Step): Promise<Comparison> {
  const attempts = isReading(step) && step.until === undefined ? ATTEMPTS : 1;
  for (let attempt = 1; ; attempt++) {
    const [ours, kafka] = await Promise.all([pair.ours.run(step), pair.kafka.run(step)]);
    if (ours.timedOut) throw new Error(`against Millrace this does not end: ${step.name}`);
    assertComparable(step, kafka);
    const comparison = {
      ours: normalise(ours, step, pair.ours.masks),
      kafka: normalise(kafka, step, pair.kafka.masks),
    };
    if (attempt === attempts || comparison.ours === comparison.kafka) return comparison;
    if (differenceFor(step) !== undefined) return comparison;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Two brokers that both fail a wrong step are not equal: nothing was compared. */
function assertComparable({ name, until, program }: Step, kafka: Seen): void {
  if (kafka.timedOut) throw new Error(`against Apache Kafka this does not end: ${name}`);
  const shown = `${kafka.stdout}${kafka.stderr}`;
  if (program !== undefined && kafka.code !== 0)
    throw new Error(`against Apache Kafka this fails: ${name}\n${shown}`);
  if (until !== undefined && !until.test(shown))
    throw new Error(`Apache Kafka never showed ${until}: ${name}\n${shown}`);
}

/** The entry of the list of differences that speaks of this step. */
export function differenceFor(step: Step): Difference | undefined {
  // Steps of one name are numbered from the second on.
  const plain = step.name.replace(/ \(\d+\)$/, '');
  return DIFFERENCES.find(({ steps }) => steps.includes(plain));
}

/** The lines in which they differ, ours with a minus as what is to be changed; empty when there is none. */
export function lineDifference({ ours, kafka }: Comparison, masks: readonly Mask[] = []): string {
  const lines = (text: string) =>
    masks.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text).split('\n');
  const [left, right] = [lines(ours), lines(kafka)];
  if (left.join('\n') === right.join('\n')) return '';
  const only = (these: string[], those: string[]) => {
    const rest = [...those];
    return these.filter((line) => {
      const at = rest.indexOf(line);
      if (at >= 0) rest.splice(at, 1);
      return at < 0;
    });
  };
  const gone = only(left, right).map((line) => `- ${line}`);
  const come = only(right, left).map((line) => `+ ${line}`);
  return [...gone, ...come].join('\n') || 'the same lines in another order';
}
