import type { Api } from '../api.ts';
import { updateFeatures } from './57-update-features.ts';
import type { ControlPlane } from './control-plane.ts';

/** What tools ask about transactions and the features clients switch on. */
export function transactionApis(plane: ControlPlane): readonly Api[] {
  return [updateFeatures(plane)];
}
