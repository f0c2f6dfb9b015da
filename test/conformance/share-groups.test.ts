// The tools of Apache Kafka 4.1 for share groups.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { java, kafkaClasspath } from '../support/foreign.ts';
import { serverForTest } from '../support/server.ts';

const skip = kafkaClasspath() ? false : 'Apache Kafka jars or Java are missing (scripts/fetch-rivals.sh)';
const TOOLS = 'org.apache.kafka.tools';

describe('the tools of Apache Kafka 4.1', { skip }, () => {
  it('kafka-console-share-consumer reads, kafka-share-groups shows and forgets', {
    timeout: 200_000,
  }, async (t) => {
    const { kafka } = await serverForTest(t);
    const tool = async (name: string, args: readonly string[], input = '') => {
      const { stdout, stderr, code } = await java(name, ['--bootstrap-server', kafka, ...args], { input });
      return { code, text: stdout + stderr };
    };
    const groups = async (...args: string[]) =>
      (await tool(`${TOOLS}.consumer.group.ShareGroupCommand`, args)).text;
    await tool('kafka.admin.ConfigCommand', [
      ...['--alter', '--entity-type', 'groups', '--entity-name', 'readers'],
      ...['--add-config', 'share.auto.offset.reset=earliest'],
    ]);
    await tool(`${TOOLS}.ConsoleProducer`, ['--topic', 'lines'], 'one\ntwo\nthree\n');
    const consumed = await tool(`${TOOLS}.consumer.ConsoleShareConsumer`, [
      ...['--topic', 'lines', '--group', 'readers', '--max-messages', '3', '--timeout-ms', '30000'],
    ]);
    assert.match(consumed.text, /^one\ntwo\nthree$/m);

    assert.match(await groups('--list', '--state'), /^readers\s+Empty\s*$/m);
    assert.match(await groups('--describe', '--group', 'readers'), /^readers\s+lines\s+0\s+3\s*$/m);
    assert.match(await groups('--describe', '--group', 'readers', '--members'), /has no active members/);
    assert.match(
      await groups('--describe', '--group', 'readers', '--state'),
      /^readers\s+\S+\s+\(1\)\s+Empty\s+0\s*$/m,
    );
    assert.match(
      await groups('--delete-offsets', '--group', 'readers', '--topic', 'lines'),
      /^lines\s+Successful\s*$/m,
    );
    assert.match(
      await groups('--delete', '--group', 'readers'),
      /Deletion of requested share groups \('readers'\) was successful/,
    );
    assert.match(await groups('--describe', '--group', 'readers'), /Group readers not found/);
  });
});
