import type { Step } from '../sql/plan.ts';

/** Columns of the rows a step emits. */
export function rowWidth(step: Step): number {
  const pseudoWidth = step.step === 'sourceV1' ? step.pseudo.length : 0;
  return step.schema.key.length + step.schema.value.length + pseudoWidth;
}
