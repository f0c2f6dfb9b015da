import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { negotiate } from './negotiate.ts';

describe('content negotiation', () => {
  const offers = ['application/vnd.ksqlapi.delimited.v1', 'application/json', 'application/vnd.ksql.v1+json'];
  const cases: [accept: string | undefined, chosen: string | undefined][] = [
    [undefined, offers[0]],
    ['', offers[0]],
    ['*/*', offers[0]],
    ['application/json', 'application/json'],
    ['Application/JSON; charset=utf-8', 'application/json'],
    ['application/vnd.ksql.v1+json', 'application/vnd.ksql.v1+json'],
    ['application/vnd.ksql.v1+json; q=0.9, application/json; q=0.5', 'application/vnd.ksql.v1+json'],
    ['text/html, application/*;q=0.1', offers[0]],
    ['application/json;q=0, */*', offers[0]],
    ['text/html', undefined],
    ['application/vnd.ksql.v1+protobuf', undefined],
  ];
  for (const [accept, chosen] of cases)
    it(`${accept ?? 'no header'} -> ${chosen ?? 'not acceptable'}`, () => {
      assert.equal(negotiate(accept, offers), chosen);
    });
});
