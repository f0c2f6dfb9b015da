import type { Buffer } from 'node:buffer';

/**
 * The topics of a consumer's subscription, `undefined` when the bytes are something else.
 *
 * ```
 *  version int16 | topic count int32 | { length int16 | name utf8 }* | user data ...
 * ```
 * Every version begins this way (ConsumerProtocolSubscription).
 */
export function subscribedTopics(metadata: Buffer): ReadonlySet<string> | undefined {
  if (metadata.length < 6) return undefined;
  const count = metadata.readInt32BE(2);
  const topics = new Set<string>();
  let position = 6;
  for (let index = 0; index < count; index++) {
    if (position + 2 > metadata.length) return undefined;
    const length = metadata.readInt16BE(position);
    position += 2;
    if (length < 0 || position + length > metadata.length) return undefined;
    topics.add(metadata.toString('utf8', position, position + length));
    position += length;
  }
  return topics;
}
