import { Buffer } from 'node:buffer';
import type { Position } from '../../topics/topics.ts';
import { BAD_REQUEST, KsqlError } from './ksql-error.ts';

/** Request property of a push query that is to go on where an earlier one ended. */
export const CONTINUATION_TOKEN = 'request.ksql.query.push.continuation.token';
/** Whether tokens are sent along with the rows. */
export const TOKENS_ENABLED = 'ksql.query.push.v2.continuation.tokens.enabled';

const VERSION = 1;

/** How far a push query has come, as text for its reader: base64url of `[version, [[topic, partition, offset], ...]]`. */
export function tokenOf(positions: readonly Position[]): string {
  const places = positions.map(({ topic, partition, offset }) => [topic, partition, offset]);
  return Buffer.from(JSON.stringify([VERSION, places])).toString('base64url');
}

/** Throws a KsqlError for what is no token, or one of a query over other topics. */
export function positionsOf(token: string, topics: readonly string[]): Position[] {
  const places = placesOf(token);
  if (places.length === 0 || !places.every(isPlace))
    throw new KsqlError(BAD_REQUEST, `${CONTINUATION_TOKEN} is not a token that this server gave.`);
  const positions = places.map(([topic, partition, offset]) => ({ topic, partition, offset }));
  const foreign = positions.find(({ topic }) => !topics.includes(topic));
  if (foreign)
    throw new KsqlError(
      BAD_REQUEST,
      `The continuation token belongs to a query over topic '${foreign.topic}', which this one does not read.`,
    );
  return positions;
}

function placesOf(token: string): readonly unknown[] {
  try {
    const [version, places] = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown[];
    return version === VERSION && Array.isArray(places) ? places : [];
  } catch {
    return [];
  }
}

function isPlace(place: unknown): place is [string, number, number] {
  if (!Array.isArray(place) || place.length !== 3) return false;
  const [topic, partition, offset] = place as unknown[];
  return typeof topic === 'string' && isWhole(partition) && isWhole(offset);
}

function isWhole(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
