import { Buffer } from 'node:buffer';
import { decodeRecordValue, encodeRecordValue } from '../../protocol/coordinator-record.ts';
import { MESSAGES } from '../../protocol/messages.gen.ts';
import { ProtocolError } from '../../protocol/protocol-error.ts';

/** What consumers of the classic protocol tell each other inside JoinGroup and SyncGroup. */
export const EMBEDDED_PROTOCOL = 'consumer';

export interface EmbeddedSubscription {
  readonly version: number;
  readonly topics: readonly string[];
  readonly owned: readonly NamedPartitions[];
  readonly rackId: string | null;
}

export interface NamedPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface EmbeddedAssignment {
  readonly partitions: readonly NamedPartitions[];
  /** Whether an assignor put something of its own in. */
  readonly hasUserData: boolean;
}

/** `undefined` when the bytes are something else. */
export function decodeSubscription(metadata: Buffer): EmbeddedSubscription | undefined {
  const value = decode('ConsumerProtocolSubscription', metadata);
  if (value === undefined) return undefined;
  const { topics, ownedPartitions, rackId } = value;
  return { version: metadata.readInt16BE(0), topics, owned: ownedPartitions, rackId };
}

/** A member that was assigned nothing may have no bytes at all. */
export function decodeAssignment(bytes: Buffer): EmbeddedAssignment | undefined {
  if (bytes.length === 0) return { partitions: [], hasUserData: false };
  const value = decode('ConsumerProtocolAssignment', bytes);
  if (value === undefined) return undefined;
  return { partitions: value.assignedPartitions, hasUserData: (value.userData?.length ?? 0) > 0 };
}

export function encodeAssignment(version: number, partitions: readonly NamedPartitions[]): Buffer {
  const [, newest] = MESSAGES.ConsumerProtocolAssignment.versions;
  return encodeRecordValue('ConsumerProtocolAssignment', Math.min(version, newest), {
    assignedPartitions: partitions,
  });
}

/** Newer versions only add fields behind ours. */
function decode<Name extends 'ConsumerProtocolSubscription' | 'ConsumerProtocolAssignment'>(
  name: Name,
  bytes: Buffer,
) {
  const [, newest] = MESSAGES[name].versions;
  if (bytes.length < 2 || bytes.readInt16BE(0) < 0) return undefined;
  let readable = bytes;
  if (bytes.readInt16BE(0) > newest) {
    readable = Buffer.from(bytes);
    readable.writeInt16BE(newest, 0);
  }
  try {
    return decodeRecordValue(name, readable);
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}
