import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { MetadataEntry } from '../metadata/metadata-entries.ts';
import { ClientQuotas } from './client-quotas.ts';
import { QuotaEnforcer } from './quota-enforcer.ts';
import { entityOf, type QuotaEntity, type QuotaKey } from './quota-entity.ts';
import { TokenBucket } from './token-bucket.ts';
import { WindowedRate } from './windowed-rate.ts';

describe('the rate over windows', () => {
  it('lets a burst pass that fits into all windows, and then makes its client wait for what is too much', () => {
    const rate = new WindowedRate(11, 1000);
    rate.record(10_000, 0);
    assert.equal(rate.excessMs(1000, 0), 0);
    rate.record(1000, 0);
    // 11,000 in 10 s are 10 % too much: 1 s.
    assert.equal(rate.excessMs(1000, 0), 1000);
    assert.equal(rate.excessMs(1000, 11_000), 0);
  });

  it('forgets what is older than its windows', () => {
    const rate = new WindowedRate(3, 1000);
    rate.record(1_000_000, 0);
    assert.ok(rate.excessMs(1, 2999) > 0);
    assert.equal(rate.excessMs(1, 3000), 0);
    assert.ok(rate.isIdle);
  });

  it('keeps a steady client to its rate', () => {
    const rate = new WindowedRate(11, 1000);
    let nowMs = 0;
    let sent = 0;
    while (nowMs < 60_000) {
      rate.record(500, nowMs);
      sent += 500;
      nowMs += 10 + rate.excessMs(1000, nowMs);
    }
    assert.ok(sent > 57_000 && sent < 72_000, `${sent} in 60 s`);
  });
});

it('an allowance may be overdrawn once and fills up again', () => {
  const bucket = new TokenBucket(2, 11, 0);
  bucket.take(30, 0);
  assert.equal(bucket.waitMs(0), 4000);
  assert.equal(bucket.waitMs(4000), 0);
  bucket.take(22, 1_000_000);
  assert.equal(bucket.waitMs(1_000_000), 0);
});

/** Quotas by entity, `null` for everybody. */
function enforcer(quotas: readonly (readonly [QuotaEntity, Partial<Record<QuotaKey, number>>])[]) {
  const clock = new VirtualClock();
  const client = new ClientQuotas();
  const entries: MetadataEntry[] = [];
  const alterations = quotas.map(([entity, values]) => ({
    entity: Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName })),
    ops: Object.entries(values).map(([key, value]) => ({ key, value, remove: false })),
  }));
  assert.ok(client.alter(alterations, false, entries).every((refusal) => refusal === undefined));
  for (const entry of entries) if (entry.kind === 'quota') client.replay(entry);
  const windows = () => ({ count: 11, ms: 1000 });
  return new QuotaEnforcer({ quotas: client, clock, windows, mutationWindows: windows });
}

describe('the quota of a client', () => {
  const all: readonly (readonly [string, number])[] = [
    ['[["user","u"],["client-id","c"]]', 1],
    ['[["user","u"],["client-id",null]]', 2],
    ['[["user","u"]]', 3],
    ['[["user",null],["client-id","c"]]', 4],
    ['[["user",null],["client-id",null]]', 5],
    ['[["user",null]]', 6],
    ['[["client-id","c"]]', 7],
    ['[["client-id",null]]', 8],
  ];
  for (const [index] of all.entries()) {
    it(`is the nearest of ${all.length - index}`, () => {
      const quotas = enforcer(
        all.slice(index).map(([key, rate]) => [entityOf(key), { consumer_byte_rate: rate }]),
      );
      assert.equal(quotas.mostBytes({ user: 'u', clientId: 'c' }), (index + 1) * 10);
    });
  }

  it('is shared by whom it is for', () => {
    const quotas = enforcer([[{ user: 'u' }, { producer_byte_rate: 100 }]]);
    const send = (user: string, clientId: string) =>
      quotas.bytes('producer_byte_rate', { user, clientId }, 1000);
    assert.equal(send('u', 'a'), 0);
    assert.ok(send('u', 'b') > 0);
    assert.equal(send('v', 'a'), 0);
  });

  it('of everybody is everybody’s own', () => {
    const quotas = enforcer([[{ 'client-id': null }, { producer_byte_rate: 100 }]]);
    const send = (clientId: string) => quotas.bytes('producer_byte_rate', { user: 'u', clientId }, 1000);
    assert.equal(send('a'), 0);
    assert.equal(send('b'), 0);
    assert.ok(send('a') > 0);
  });

  it('of time throttles for a window at most', () => {
    const quotas = enforcer([[{ user: null }, { request_percentage: 1 }]]);
    assert.equal(quotas.time({ user: 'u', clientId: '' }, 5), 0);
    assert.equal(quotas.time({ user: 'u', clientId: '' }, 5000), 1000);
  });

  it('of an address counts its connections', () => {
    const quotas = enforcer([
      [{ ip: null }, { connection_creation_rate: 1 }],
      [{ ip: '10.0.0.1' }, { connection_creation_rate: 1000 }],
    ]);
    const refused = (address: string) =>
      Array.from({ length: 20 }, () => quotas.connection(address)).filter((ms) => ms > 0).length;
    assert.equal(refused('10.0.0.1'), 0);
    assert.equal(refused('10.0.0.2'), 10);
    assert.equal(quotas.concernsClients, false);
  });
});
