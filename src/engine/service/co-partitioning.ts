import { type FormatSpec, inputsOf, type SourceStep, type Step } from '../../sql/plan.ts';
import type { Topics } from '../../topics/topics.ts';
import { BAD_STATEMENT, KsqlError } from './ksql-error.ts';
import { sourceSteps } from './plan-walk.ts';

/** Where rows come from without having been given another partition. */
interface Placed {
  readonly source: SourceStep;
  readonly partitions: number;
}

/**
 * Refuses a join of sides with different numbers of partitions, as ksqlDB does: equal keys would lie in partitions with
 * different numbers. A side that gets another key, or whose key is written anew, is spread as the other one is, and a
 * foreign key is followed into any partition.
 */
export async function checkCoPartitioned(topics: Pick<Topics, 'describe'>, root: Step): Promise<void> {
  const names = new Set(sourceSteps(root).map(({ topic }) => topic));
  if (names.size < 2) return;
  const counts = new Map<string, number>();
  for (const { name, partitionCount } of await topics.describe([...names])) counts.set(name, partitionCount);
  check(root, counts);
}

/** Undefined: spread by the query itself, or of a topic that is not there. */
function check(step: Step, counts: ReadonlyMap<string, number>): Placed | undefined {
  if (step.step === 'sourceV1') {
    const partitions = counts.get(step.topic);
    return partitions === undefined ? undefined : { source: step, partitions };
  }
  const [left, right] = inputsOf(step).map((input) => check(input, counts));
  if (step.step === 'rekeyV1') return undefined;
  if (left === undefined || right === undefined) return left ?? right;
  if (step.step === 'foreignKeyJoinV1') return left;
  const isSpread = !isSame(left.source.keyFormat, right.source.keyFormat);
  if (left.partitions === right.partitions || isSpread) return left;
  const [a, b] = [left, right].map(({ source }) => `\`${source.source}\``);
  throw new KsqlError(
    BAD_STATEMENT,
    `${a} has ${left.partitions} partitions and ${b} has ${right.partitions}, so rows with equal keys would not meet. ` +
      `Give one of them the other's number with CREATE ... WITH (PARTITIONS = ...) AS SELECT * FROM ... (of a stream: PARTITION BY its key), and join that.`,
  );
}

function isSame(a: FormatSpec, b: FormatSpec): boolean {
  return a.name === b.name && a.delimiter === b.delimiter;
}
