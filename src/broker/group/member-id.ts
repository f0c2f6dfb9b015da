import { type Random, uuidHex } from '../../base/random.ts';
import type { JoinRequest } from './group-calls.ts';

/** The id of a new member of the classic protocol, as Kafka makes it: who it is, and a UUID with its dashes. */
export function newMemberId({ instanceId, clientId }: JoinRequest, random: Random): string {
  const hex = uuidHex(random);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return `${instanceId ?? clientId}-${parts.join('-')}`;
}
