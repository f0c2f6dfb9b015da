import type { Api } from '../api.ts';
import { shareGroupHeartbeat } from './76-share-group-heartbeat.ts';
import { shareGroupDescribe } from './77-share-group-describe.ts';
import { shareFetch } from './78-share-fetch.ts';
import { shareAcknowledge } from './79-share-acknowledge.ts';
import { describeShareGroupOffsets } from './90-describe-share-group-offsets.ts';
import { alterShareGroupOffsets } from './91-alter-share-group-offsets.ts';
import { deleteShareGroupOffsets } from './92-delete-share-group-offsets.ts';
import type { SharePlane } from './share-plane.ts';

/** Share groups (KIP-932). */
export function shareApis(plane: SharePlane): readonly Api[] {
  return [
    shareGroupHeartbeat(plane),
    shareGroupDescribe(plane),
    shareFetch(plane),
    shareAcknowledge(plane),
    describeShareGroupOffsets(plane),
    alterShareGroupOffsets(plane),
    deleteShareGroupOffsets(plane),
  ];
}
