import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { corpus, damaged } from '../../test/support/mutations.ts';
import { anyStruct } from '../../test/support/protocol-arbitrary.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { apiName, decodeRequest, decodeRequestHeader, encodeRequest } from './frame.ts';
import { API_KEYS, type ApiName, MESSAGES } from './messages.gen.ts';
import { ProtocolError } from './protocol-error.ts';

const RUNS_PER_VERSION = Number(process.env.MILLRACE_FUZZ ?? 12);

/** List elements of a decoded message, which cost memory. */
function countElements(value: unknown): number {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return 0;
  const own = Array.isArray(value) ? value.length : 0;
  return Object.values(value).reduce<number>((sum, each) => sum + countElements(each), own);
}

/** `frame` without its length, as it comes from a connection. */
function survives(frame: Buffer): void {
  try {
    const { apiKey, apiVersion, bodyPosition } = decodeRequestHeader(frame);
    const name = apiName(apiKey);
    const [first, last] = name === undefined ? [1, 0] : MESSAGES[`${name}Request`].versions;
    if (name === undefined || apiVersion < first || apiVersion > last) return;
    const elements = countElements(decodeRequest(name, apiVersion, frame, bodyPosition));
    assert.ok(elements <= frame.length, `${elements} elements out of ${frame.length} bytes`);
  } catch (error) {
    assert.ok(error instanceof ProtocolError, `${frame.toString('hex')}\n${(error as Error).stack}`);
  }
}

describe('bytes that claim to be a request', () => {
  for (const [name, bytes] of corpus('requests.txt')) {
    it(`are read or refused: ${name}`, () => survives(bytes));
  }

  it('are read or refused, whatever is damaged, in every API and version', () => {
    for (const [name, key] of Object.entries(API_KEYS) as [ApiName, number][]) {
      const { fields, versions } = MESSAGES[`${name}Request`];
      const random = new SeededRandom(key);
      for (let version = versions[0]; version <= versions[1]; version++) {
        const seed = key * 100 + version;
        for (const request of fc.sample(anyStruct(fields, version), { numRuns: RUNS_PER_VERSION, seed })) {
          const header = { correlationId: 1, clientId: 'c' };
          const frame = Buffer.concat(encodeRequest(name, version, header, request as never)).subarray(4);
          survives(frame);
          survives(damaged(frame, random, 4));
        }
      }
    }
  });
});
