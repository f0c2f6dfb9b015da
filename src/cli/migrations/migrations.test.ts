import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { osFolder } from '../../../test/support/os-folder.ts';
import { systemClock } from '../../base/clock.ts';
import { Millrace } from '../../millrace.ts';
import { SqlClient } from '../sql-client.ts';
import { CONFIG_FILE, MigrationFiles } from './migration-files.ts';
import { MigrationMetadata } from './migration-metadata.ts';
import { Migrations } from './migrations.ts';

const folder = await osFolder();
after(folder.remove);

describe('the files of a project', () => {
  const root = join(folder.dataDir, 'files');

  it('are numbered scripts with checksums', () => {
    MigrationFiles.create(root, 'http://127.0.0.1:1');
    assert.throws(() => MigrationFiles.create(root, ''), /exists already/);
    const files = MigrationFiles.open(join(root, CONFIG_FILE));
    assert.equal(files.properties['ksql.server.url'], 'http://127.0.0.1:1');
    assert.match(files.add('first tables'), /V000001__first_tables\.sql$/);
    assert.match(files.add('later', 5), /V000005__later\.sql$/);
    assert.match(files.add('more'), /V000006__more\.sql$/);
    assert.deepEqual(
      files.all().map(({ version, name, checksum }) => [version, name, checksum]),
      [
        [1, 'first tables', 'd41d8cd98f00b204e9800998ecf8427e'],
        [5, 'later', 'd41d8cd98f00b204e9800998ecf8427e'],
        [6, 'more', 'd41d8cd98f00b204e9800998ecf8427e'],
      ],
    );
    for (const [name, version] of [
      ['again', 5],
      ['none', 0],
      ['a/b', 9],
    ] as const)
      assert.throws(() => files.add(name, version), /there already|between|cannot be part/);
  });
});

describe('migrations', { timeout: 30_000 }, () => {
  let millrace: Millrace;
  let shown = '';
  let migrations: Migrations;
  let metadata: MigrationMetadata;
  const root = join(folder.dataDir, 'project');
  const script = (version: number, text: string) =>
    writeFileSync(join(root, 'migrations', `V00000${version}__step_${version}.sql`), text);
  const streams = async () => {
    const [list] = (await millrace.sql('SHOW STREAMS;')) as unknown as [{ streams: { name: string }[] }];
    return list.streams.map(({ name }) => name).filter((name) => name !== 'MIGRATION_EVENTS');
  };
  const apply = (wanted: object, isDryRun = false) =>
    migrations.apply(wanted, { isDryRun, variables: new Map([['topic', 'a']]) });

  before(async () => {
    millrace = await Millrace.start({ data: 'memory' });
    MigrationFiles.create(root, millrace.httpAddress);
    const files = MigrationFiles.open(join(root, CONFIG_FILE));
    const client = new SqlClient(millrace.httpAddress);
    metadata = new MigrationMetadata(client, files.properties);
    const write = (text: string) => {
      shown += text;
    };
    migrations = new Migrations({ files, metadata, client, clock: systemClock, write });
    script(1, "CREATE STREAM A (X INT) WITH (KAFKA_TOPIC='${topic}', VALUE_FORMAT='JSON', PARTITIONS=1);");
    script(2, "-- it's a comment\nSET 'auto.offset.reset'='earliest';\nCREATE STREAM B AS SELECT * FROM A;");
    script(3, 'CREATE STREAM C AS SELECT * FROM NONE;');
  });
  after(() => millrace.stop());

  it('need a project', () => {
    assert.throws(
      () => MigrationFiles.open(join(root, 'none.properties')),
      /no .*none\.properties.*new-project/,
    );
  });

  it('need their metadata', async () => {
    await assert.rejects(apply({ next: true }), /initialize-metadata/);
    await metadata.initialize();
    assert.equal(await metadata.current(), undefined);
  });

  it('are applied one by one', async () => {
    await apply({ next: true }, true);
    assert.deepEqual(await streams(), []);
    await apply({ next: true });
    assert.deepEqual(await streams(), ['A']);
    assert.equal(await metadata.current(), 1);
    await apply({ until: 2 });
    assert.deepEqual(await streams(), ['A', 'B']);
    const second = (await metadata.applied()).get(2);
    assert.deepEqual([second?.state, second?.previous, second?.name], ['MIGRATED', 1, 'step 2']);
  });

  it('that fail say why and can be tried again', async () => {
    await assert.rejects(apply({ all: true }), /Version 3 failed: .*NONE/);
    assert.match((await metadata.applied()).get(3)?.errorReason ?? '', /NONE/);
    script(3, 'CREATE STREAM C AS SELECT * FROM B;');
    await apply({ version: 3 });
    assert.deepEqual(await streams(), ['A', 'B', 'C']);
    await assert.rejects(apply({ until: 2 }), /not after 3/);
    await assert.rejects(apply({ version: 9 }), /no script of version 9/);
    await assert.rejects(apply({}), /--next/);
  });

  it('are shown', async () => {
    script(4, '-- what is there\nSELECT * FROM A;');
    shown = '';
    await migrations.info();
    assert.match(shown, /Current migration version: 3/);
    assert.match(shown, /│ +2 │ step 2 │ MIGRATED │/);
    assert.match(shown, /│ +4 │ step 4 │ PENDING +│/);
    await assert.rejects(
      apply({ next: true }),
      /Version 4 failed: .*V000004__step_4\.sql:2: a migration changes things/,
    );
  });

  it('may not change once they were applied', async () => {
    await migrations.validate();
    script(1, 'CREATE STREAM OTHER AS SELECT * FROM B;');
    await assert.rejects(migrations.validate(), /Version 1 was changed/);
  });

  it('are forgotten', async () => {
    await metadata.destroy();
    await assert.rejects(metadata.current(), /initialize-metadata/);
  });
});
