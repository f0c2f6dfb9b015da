// EXPLAIN: the plan, and everything that it is compiled to.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import type { QueryDescriptionEntity } from './entities.ts';

async function explained(t: TestContext, statement: string) {
  const server = await openLocalSql({ fs: new MemoryFileSystem() });
  t.after(() => server.close());
  await server.run(
    "CREATE STREAM S (K INT KEY, N BIGINT, A ARRAY<INT>) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);",
  );
  await server.run('CREATE TABLE T AS SELECT N, COUNT(*) AS C FROM S GROUP BY N;');
  const [entity] = (await server.run(`EXPLAIN ${statement}`)) as [QueryDescriptionEntity];
  return entity.queryDescription;
}

describe('EXPLAIN', { timeout: 10_000 }, () => {
  it('shows the functions of a query, from bytes to rows', async (t) => {
    const { topology, executionPlan, fields } = await explained(
      t,
      'SELECT N + 1 AS M, EXPLODE(A) AS E FROM S WHERE N > 3 EMIT CHANGES;',
    );
    assert.deepEqual(
      fields.map(({ name }) => name),
      ['M', 'E'],
    );
    for (const part of ['c.valueStart', '> k', 'for (let at_', 'catch (error)'])
      assert.ok(topology.includes(part), part);
    assert.deepEqual(executionPlan.match(/\[ \w+ \]/g), [
      '[ PROJECT ]',
      '[ FLAT_MAP ]',
      '[ FILTER ]',
      '[ SOURCE ]',
    ]);
  });

  it('shows those of a running query, groups and all', async (t) => {
    const { topology, sinks } = await explained(t, 'CTAS_T_2;');
    assert.match(topology, /class Group/);
    assert.deepEqual(sinks, ['T']);
  });

  it('shows how a pull query finds its rows', async (t) => {
    const { executionPlan, queryType, topology } = await explained(t, 'SELECT N, C FROM T WHERE N = 4;');
    assert.equal(queryType, 'PULL');
    assert.match(executionPlan, /\[ PULL \] KEYS 1 .*\n\s+> \[ TABLE \] T/);
    assert.match(topology, /return \[r\[0\], r\[1\]\];/);
  });

  it('has no text of the user in it', async (t) => {
    const { topology } = await explained(t, "SELECT K, '*/ process.exit() //' AS X FROM S EMIT CHANGES;");
    assert.ok(!topology.includes('exit'));
  });
});
