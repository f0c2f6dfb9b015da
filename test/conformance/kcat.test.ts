import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hasCommand, runProgram } from '../support/foreign.ts';
import { serverForTest } from '../support/server.ts';

const skip = hasCommand('kcat') ? false : 'kcat is not installed';

describe('kcat', { skip }, () => {
  it('lists brokers and topics', async (t) => {
    const server = await serverForTest(t);
    await runProgram('kcat', ['-b', server.kafka, '-P', '-t', 'listed'], { input: 'x\n' });
    const { stdout, code } = await runProgram('kcat', ['-b', server.kafka, '-L', '-J']);
    assert.equal(code, 0);
    const answer = JSON.parse(stdout) as {
      brokers: { name: string }[];
      topics: { topic: string; partitions: unknown[] }[];
    };
    assert.deepEqual(
      answer.brokers.map((broker) => broker.name),
      [server.kafka],
    );
    assert.equal(answer.topics.find(({ topic }) => topic === 'listed')?.partitions.length, 1);
  });

  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    it(`round-trips keys, values, headers and tombstones with ${codec}`, async (t) => {
      const server = await serverForTest(t);
      const lines = Array.from(
        { length: 500 },
        (_, n) => `k${n}:${n % 7 === 0 ? '' : `value ${n} ${'x'.repeat(n % 50)}`}`,
      );
      const produced = await runProgram(
        'kcat',
        ['-b', server.kafka, '-P', '-t', 'mixed', '-K:', '-Z', '-z', codec, '-H', 'a=1'],
        { input: `${lines.join('\n')}\n` },
      );
      assert.equal(produced.code, 0, produced.stderr);
      const consumed = await runProgram('kcat', [
        '-b',
        server.kafka,
        '-C',
        '-t',
        'mixed',
        '-e',
        '-q',
        '-f',
        '%o|%k:%s|%h|%S\n',
      ]);
      const expected = lines.map(
        (line, n) => `${n}|${line}|a=1|${n % 7 === 0 ? -1 : (line.split(':')[1] as string).length}`,
      );
      assert.deepEqual(consumed.stdout.trimEnd().split('\n'), expected);
    });
  }

  it('consumes as a group and goes on where it stopped', async (t) => {
    const server = await serverForTest(t);
    const group = (count: number) =>
      runProgram('kcat', [
        '-b',
        server.kafka,
        '-G',
        'walkers',
        '-X',
        'auto.offset.reset=earliest',
        '-c',
        `${count}`,
        '-q',
        'steps',
      ]);
    await runProgram('kcat', ['-b', server.kafka, '-P', '-t', 'steps'], { input: 'one\ntwo\nthree\n' });
    assert.equal((await group(2)).stdout, 'one\ntwo\n');
    assert.equal((await group(1)).stdout, 'three\n');
  });

  it('finds offsets by time', async (t) => {
    const server = await serverForTest(t);
    await runProgram('kcat', ['-b', server.kafka, '-P', '-t', 'timed'], { input: 'a\nb\n' });
    const future = await runProgram('kcat', ['-b', server.kafka, '-Q', '-t', 'timed:0:4102444800000']);
    assert.match(future.stdout, /timed \[0\] offset -1|timed \[0\] offset 2/);
    const past = await runProgram('kcat', ['-b', server.kafka, '-Q', '-t', 'timed:0:1']);
    assert.match(past.stdout, /timed \[0\] offset 0/);
  });
});
