import type { Api } from '../api.ts';
import { writeTxnMarkers } from './27-write-txn-markers.ts';
import { updateFeatures } from './57-update-features.ts';
import { describeProducers } from './61-describe-producers.ts';
import { describeTransactions } from './65-describe-transactions.ts';
import { listTransactions } from './66-list-transactions.ts';
import type { ControlPlane } from './control-plane.ts';

/** What tools ask about transactions, and the features that clients switch on. */
export function transactionApis(plane: ControlPlane): readonly Api[] {
  return [
    writeTxnMarkers(plane),
    updateFeatures(plane),
    describeProducers(plane),
    describeTransactions(plane),
    listTransactions(plane),
  ];
}
