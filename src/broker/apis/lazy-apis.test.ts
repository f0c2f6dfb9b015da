import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGES } from '../../protocol/messages.gen.ts';
import type { Api } from '../api.ts';
import { adminApis } from './admin-apis.ts';
import type { ControlPlane } from './control-plane.ts';
import { ADMIN_APIS, lazyApis, SECURITY_APIS, SHARE_APIS, TRANSACTION_APIS } from './lazy-apis.ts';
import { securityApis } from './security-apis.ts';
import { shareApis } from './share-apis.ts';
import type { SharePlane } from './share-plane.ts';
import { transactionApis } from './transaction-apis.ts';

// Nothing is handled here.
const plane = {} as ControlPlane & SharePlane;
const kinds: [kind: string, names: readonly string[], files: readonly Api[]][] = [
  ['admin', ADMIN_APIS, adminApis(plane)],
  ['transaction', TRANSACTION_APIS, transactionApis(plane)],
  ['share', SHARE_APIS, shareApis(plane)],
  ['security', SECURITY_APIS, securityApis(plane)],
];

for (const [kind, names, files] of kinds)
  test(`the ${kind} APIs are those of their files, in the same versions`, () => {
    assert.deepEqual(
      files.map(({ name }) => name),
      names,
    );
    for (const { name, versions, overlaps, letsGo } of files) {
      assert.deepEqual([...versions], [...MESSAGES[`${name}Request`].versions], name);
      assert.deepEqual([overlaps, letsGo], [false, false], name);
    }
  });

test('what is read first answers all that were asked meanwhile', async () => {
  let reads = 0;
  const load = async () => {
    reads += 1;
    return securityApis(plane);
  };
  const [describe, create] = lazyApis(['DescribeDelegationToken', 'CreateDelegationToken'], load);
  const context = { access: { principal: 'User:ann' } } as Parameters<Api['handle']>[1];
  const answers = await Promise.all([describe, create].map((each) => each!.handle({} as never, context)));
  assert.deepEqual(answers, [{ errorCode: 61 }, { errorCode: 61 }]);
  assert.equal(reads, 1);
});
