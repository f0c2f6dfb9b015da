import { inputsOf, type QueryPlan, type SourceStep, type Step } from '../../sql/plan.ts';

/** The sources a plan reads, leftmost first. */
export function sourceSteps(step: Step): SourceStep[] {
  return step.step === 'sourceV1' ? [step] : inputsOf(step).flatMap(sourceSteps);
}

/** The topics that a plan reads, and the one that it writes. */
export function topicsOf(step: Step): string[] {
  const topics = sourceSteps(step).map(({ topic }) => topic);
  return [...new Set(step.step === 'sinkV1' ? [...topics, step.topic] : topics)];
}

export function readsSource(step: Step, name: string): boolean {
  return sourceSteps(step).some(({ source }) => source === name);
}

export function writesInto({ sink }: QueryPlan, topics: readonly string[]): boolean {
  return !sink.keepsOnly && topics.includes(sink.topic);
}

/** The plan as an indented tree, result first:
 *
 *   > [ SINK ] S | Schema: ...
 *     > [ FILTER ] ...
 */
export function drawPlan(step: Step, drawSchema: (step: Step) => string, depth = 0): string {
  const name = step.step.replace(/V\d+$/, '').replace(/[A-Z]/g, '_$&').toUpperCase();
  const line = `${'  '.repeat(depth)}> [ ${name} ] ${step.id} | ${step.relation}${detailOf(step)} | ${drawSchema(step)}`;
  return [line, ...inputsOf(step).map((input) => drawPlan(input, drawSchema, depth + 1))].join('\n');
}

/** Of a join: what it does with rows that have no partner, and how close in time partners are. */
function detailOf(step: Step): string {
  if (!('join' in step)) return '';
  if (step.step !== 'streamStreamJoinV1') return ` | ${step.join}`;
  const { join, beforeMs, afterMs, graceMs, waits } = step;
  return ` | ${join} WITHIN (${beforeMs} ms, ${afterMs} ms)${waits ? ` GRACE PERIOD ${graceMs} ms` : ''}`;
}
