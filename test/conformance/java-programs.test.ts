// Programs on Apache Kafka's own libraries; what they are expected to print is what they print on Apache Kafka 4.1.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { java, kafkaClasspath } from '../support/foreign.ts';
import { serverForTest } from '../support/server.ts';

const skip = kafkaClasspath() ? false : 'Apache Kafka jars or Java are missing (scripts/fetch-rivals.sh)';
const folder = new URL('./java/', import.meta.url);

/** Compiles and runs a program of one file. */
async function runJavaFile(file: string, kafka: string): Promise<string> {
  const { code, stdout, stderr } = await java(new URL(file, folder).pathname, [kafka], {
    timeoutMs: 240_000,
  });
  assert.equal(code, 0, stdout + stderr);
  return stdout.replaceAll(/ +$/gm, '');
}

describe('programs on the Java libraries', { skip }, () => {
  it('members and administrators of share groups see what Apache Kafka shows', {
    timeout: 280_000,
  }, async (t) => {
    const { kafka } = await serverForTest(t);
    const expected = readFileSync(new URL('shares.expected.txt', folder), 'utf8');
    assert.deepEqual((await runJavaFile('Shares.java', kafka)).split('\n'), expected.split('\n'));
  });

  it('Kafka Streams counts words exactly once and restores its table', { timeout: 120_000 }, async (t) => {
    const { kafka } = await serverForTest(t);
    const counts = await runJavaFile('WordCount.java', kafka);
    assert.equal(counts, '{all=50, hello=50, kafka=100, lead=50, streams=100, to=50}\n');
  });
});
