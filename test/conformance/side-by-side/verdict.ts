import { type Comparison, differenceFor, lineDifference } from './compare.ts';
import type { Step } from './script.ts';

export interface Verdict {
  readonly kind: 'equal' | 'listed' | 'different' | 'stale';
  readonly passed: boolean;
  readonly note?: string;
}

/** Whether what the brokers showed is as it should be: the same, or different in the way that is listed. */
export function verdictOf(step: Step, comparison: Comparison): Verdict {
  const all = lineDifference(comparison);
  const listed = differenceFor(step);
  if (listed === undefined) {
    if (all === '') return { kind: 'equal', passed: true };
    return { kind: 'different', passed: false, note: `millrace (-) and kafka (+) differ:\n${all}` };
  }
  if (all === '')
    return { kind: 'stale', passed: false, note: 'listed as different, but equal: take it off the list' };
  const rest = listed.masks === undefined ? '' : lineDifference(comparison, listed.masks);
  if (rest === '') return { kind: 'listed', passed: true, note: `differs: ${listed.why}` };
  return { kind: 'different', passed: false, note: `more than the listed difference:\n${rest}` };
}
