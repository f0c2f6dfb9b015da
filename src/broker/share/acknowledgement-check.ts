import type { Acknowledgement } from './share-partition.ts';

const LAST_TYPE = 3;

/** Whether what one request says about one partition makes sense: in order, apart, one type for all or one each. */
export function areWellFormed(acknowledgements: readonly Acknowledgement[]): boolean {
  let end = -1;
  for (const { firstOffset, lastOffset, types } of acknowledgements) {
    if (firstOffset > lastOffset || firstOffset <= end) return false;
    if (types.length === 0) return false;
    if (types.length > 1 && types.length !== lastOffset - firstOffset + 1) return false;
    if (types.some((type) => type < 0 || type > LAST_TYPE)) return false;
    end = lastOffset;
  }
  return true;
}
