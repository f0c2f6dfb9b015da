import type { Source } from '../../../src/sql/catalog.ts';
import { encodePart, type PartSpec } from './encode.ts';
import type { CaseRecord } from './expand.ts';

/** Of a record's key, as a case writes it. */
export interface CaseWindow {
  readonly type: 'time' | 'session';
  readonly startMs: number;
  readonly endMs: number;
}

/** The key's bytes, then the window: start, or end and start, each eight bytes. */
export async function encodeKey({ key, window }: CaseRecord, spec: PartSpec): Promise<Buffer | null> {
  const bytes = await encodePart(key, spec);
  if (bytes === null || window === undefined) return bytes;
  const bounds = window.type === 'session' ? [window.endMs, window.startMs] : [window.startMs];
  return Buffer.concat([bytes, ...bounds.map(int64)]);
}

/** A key as it lies in a topic, and what of it is the window. */
export function splitKey(
  bytes: Buffer | null,
  source: Source | undefined,
): { readonly key: Buffer | null; readonly window: CaseWindow | undefined } {
  const declared = source?.window;
  if (bytes === null || declared === undefined) return { key: bytes, window: undefined };
  const startMs = Number(bytes.readBigInt64BE(bytes.length - 8));
  if (declared.type !== 'SESSION') {
    const window = { type: 'time', startMs, endMs: startMs + (declared.sizeMs ?? 0) } as const;
    return { key: bytes.subarray(0, -8), window };
  }
  const endMs = Number(bytes.readBigInt64BE(bytes.length - 16));
  return { key: bytes.subarray(0, -16), window: { type: 'session', startMs, endMs } };
}

export function windowDifference(
  expected: CaseWindow | undefined,
  actual: CaseWindow | undefined,
): string | undefined {
  const [wanted, got] = [windowText(expected), windowText(actual)];
  return wanted === got ? undefined : `window: expected ${wanted}, got ${got}`;
}

function windowText(window: CaseWindow | undefined): string {
  return window === undefined ? 'none' : `${window.type} ${window.startMs} to ${window.endMs}`;
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
