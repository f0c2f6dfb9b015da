import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { type AdmissionLimits, Admissions, parseOverrides } from './admission.ts';

const NONE = 2_147_483_647;

function admissions(limits: Partial<AdmissionLimits>, addressWaitMs: (address: string) => number = () => 0) {
  return new Admissions({
    limits: () => ({ most: NONE, mostPerAddress: NONE, overrides: new Map(), perSecond: NONE, ...limits }),
    windows: () => ({ count: 11, ms: 1000 }),
    clock: new VirtualClock(),
    addressWaitMs,
  });
}

describe('new connections', () => {
  it('are taken up to a number of all and of an address', () => {
    const limited = admissions({
      most: 4,
      mostPerAddress: 2,
      overrides: parseOverrides('localhost:3, 10.0.0.9:0'),
    });
    const admits = (address: string) => limited.admit(address).admitted;
    assert.deepEqual(
      [1, 2, 3].map(() => admits('10.0.0.1')),
      [true, true, false],
    );
    assert.equal(admits('10.0.0.9'), false);
    assert.deepEqual(
      [1, 2, 3].map(() => admits('127.0.0.1')),
      [true, true, false],
    );
    limited.leave('10.0.0.1');
    assert.equal(admits('127.0.0.1'), true);
    assert.equal(admits('10.0.0.2'), false);
  });

  it('wait above a rate', () => {
    const limited = admissions({ perSecond: 2 });
    const waits = Array.from({ length: 22 }, () => limited.admit('a').waitMs);
    assert.deepEqual(waits.slice(0, 20), Array(20).fill(0));
    assert.deepEqual(waits.slice(20), [500, 1000]);
  });

  it('are closed after a while when their address has a quota', () => {
    const limited = admissions({ most: 1 }, (address) => (address === 'fast' ? 700 : 0));
    assert.deepEqual({ ...limited.admit('fast'), reason: '' }, { admitted: false, waitMs: 700, reason: '' });
    assert.equal(limited.admit('slow').admitted, true);
  });

  it('have exceptions by address, one of IPv6 too', () => {
    assert.deepEqual(
      [...parseOverrides('::1:5,10.0.0.1:7,')],
      [
        ['::1', 5],
        ['10.0.0.1', 7],
      ],
    );
  });
});
