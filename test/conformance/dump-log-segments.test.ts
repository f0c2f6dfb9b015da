import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { osFileSystem } from '../../src/base/os-fs.ts';
import { COMPACTED, keyedBatch } from '../../src/log/cleaner/cleaner-fixture.ts';
import { clientBatch, openStore, START_MS } from '../../src/log/log-fixture.ts';
import { CODECS } from '../../src/record/compression.ts';
import { java, kafkaClasspath } from '../support/foreign.ts';

const skip = kafkaClasspath() ? false : 'Apache Kafka jars or Java are missing (scripts/fetch-rivals.sh)';

/** A data folder with rolled segments, transactions and producers, as a clean stop leaves it. */
async function writtenFolder(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'millrace-dump-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const { store, log } = await openStore(osFileSystem, {
    root,
    config: { segmentBytes: 12_000, indexIntervalBytes: 500 },
  });
  const partition = await log();
  for (let i = 0; i < 120; i++) {
    const transactional = i % 4 === 3;
    const producerId = transactional ? 2000 : 1000;
    const baseSequence = transactional ? Math.floor(i / 4) * 3 : (i - Math.floor((i + 1) / 4)) * 3;
    const values = [`value ${i}a`, 'x'.repeat(i), `value ${i}c`];
    const timestampsMs = [START_MS + i * 1000, START_MS + i * 1000 + 7, START_MS + i * 1000 + 3];
    const seal = { producerId, producerEpoch: 0, baseSequence, transactional };
    partition.append(clientBatch({ values, timestampsMs, seal }), { origin: 'client' });
    if (i % 12 !== 11) continue;
    const outcome = i % 24 === 23 ? 'commit' : 'abort';
    await partition.appendMarker({ producerId: 2000, producerEpoch: 0, coordinatorEpoch: 3, outcome })
      .durable;
  }
  await store.close();
  return join(root, 't-0');
}

/** A data folder of a log that was compacted twice, with batches of every codec that lost some or all records. */
async function compactedFolder(t: TestContext): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'millrace-dump-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const { store, log } = await openStore(osFileSystem, {
    root,
    config: { ...COMPACTED, segmentBytes: 12_000, indexIntervalBytes: 500 },
    cleaner: { backoffMs: 1e9, dedupeBytes: 1e6 },
  });
  const partition = await log();
  const sequences = new Map<number, number>();
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 150; n++) {
      const i = round * 150 + n;
      const transactional = n % 4 === 3;
      const producerId = (transactional ? 2000 : 1000) + (n % 3);
      const records = ['a', 'b', 'c'].map((name, at) => ({
        key: `${name}${(n * 7 + at * 13) % 40}`,
        value: n % 9 === 0 ? null : `value ${i} ${'x'.repeat(n)}`,
        timestampMs: START_MS + i * 1000 + at,
      }));
      const baseSequence = sequences.get(producerId) ?? 0;
      sequences.set(producerId, baseSequence + records.length);
      const seal = { producerId, producerEpoch: 0, baseSequence, transactional };
      const codec = CODECS[i % CODECS.length];
      partition.append(keyedBatch(records, seal, codec), { origin: 'client' });
      if (n % 12 !== 11) continue;
      for (const id of [2000, 2001, 2002]) {
        const outcome = n % 24 === 23 ? 'commit' : 'abort';
        await partition.appendMarker({ producerId: id, producerEpoch: 0, coordinatorEpoch: 3, outcome })
          .durable;
      }
    }
    await store.runCompaction();
  }
  assert.ok(partition.rewrittenBelow > 400);
  await store.close();
  return join(root, 't-0');
}

async function dump(folder: string, suffix: string, ...flags: string[]): Promise<string> {
  const files = (await readdir(folder))
    .filter((name) => name.endsWith(suffix))
    .map((name) => join(folder, name));
  assert.ok(files.length > 0, `no ${suffix} in ${folder}`);
  const { code, stdout, stderr } = await java('kafka.tools.DumpLogSegments', [
    '--files',
    files.join(','),
    ...flags,
  ]);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stdout + stderr, /mismatch|Exception|out of order|not found|Failed|corrupt/i);
  return stdout;
}

describe('DumpLogSegments of Apache Kafka', { skip }, () => {
  it('reads what compaction has made', async (t) => {
    const folder = await compactedFolder(t);
    const out = await dump(folder, '.log', '--print-data-log', '--deep-iteration');
    assert.doesNotMatch(out, /isvalid: false/);
    assert.match(out, /isvalid: true/);
    assert.match(out, /count: 0 /);
    assert.match(out, /deleteHorizonMs: OptionalLong\[\d+\]/);
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      assert.match(out, new RegExp(`count: [123] .*compresscodec: ${codec}`), codec);
    }
    for (const suffix of ['.index', '.timeindex']) {
      await dump(folder, suffix);
      await dump(folder, suffix, '--index-sanity-check');
      await dump(folder, suffix, '--verify-index-only');
    }
    await dump(folder, '.txnindex');
    await dump(folder, '.snapshot');
  });

  it('reads every record of every segment', async (t) => {
    const out = await dump(await writtenFolder(t), '.log', '--print-data-log', '--deep-iteration');
    assert.equal(out.match(/^\| offset: /gm)?.length, 370);
    assert.equal(out.match(/isvalid: true/g)?.length, 130);
    assert.doesNotMatch(out, /isvalid: false/);
    assert.equal(out.match(/endTxnMarker: ABORT coordinatorEpoch: 3/g)?.length, 5);
    assert.match(out, /payload: value 119c/);
  });

  it('finds the indexes to agree with the log', async (t) => {
    const folder = await writtenFolder(t);
    for (const suffix of ['.index', '.timeindex']) {
      await dump(folder, suffix);
      await dump(folder, suffix, '--index-sanity-check');
      await dump(folder, suffix, '--verify-index-only');
    }
  });

  it('reads aborted transactions and producer snapshots', async (t) => {
    const folder = await writtenFolder(t);
    assert.equal((await dump(folder, '.txnindex')).match(/producerId: 2000/g)?.length, 5);
    const producers = await dump(folder, '.snapshot');
    assert.match(producers, /producerId: 1000 producerEpoch: 0/);
    assert.match(
      producers,
      /producerId: 2000 producerEpoch: 0 coordinatorEpoch: 3 currentTxnFirstOffset: OptionalLong.empty/,
    );
  });
});
