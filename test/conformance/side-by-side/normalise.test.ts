import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lineDifference } from './compare.ts';
import { escaped, normalise } from './normalise.ts';
import { script, step, words } from './script.ts';

const seen = (stdout: string, code = 0) => ({ code, stdout, stderr: '', timedOut: false });
const PLAIN = step('kafka-topics --list');

describe('what a command showed', () => {
  const equal: [ours: string, theirs: string][] = [
    ['Topic: t\tTopicId: lAx0jm1fRFGEiNkVTOlgBw\n', 'Topic: t TopicId: -_GhtR7eQ5mAJ4H-yXc0hQ\n'],
    ['at 1795848000123', 'at 1795848999999'],
    ['Created at 2026-11-28 04:51:23,120 ', 'Created at 2026-11-28T05:00:00Z'],
    ['consumer-UUID', 'consumer-UUID'],
    ['c-6f1f6b0a-8f0e-4c1c-9f6a-0d9d6f6a2c11', 'c-00000000-8f0e-4c1c-9f6a-0d9d6f6a2c11'],
    ['Error\n\tat a.b.C.d(C.java:1)\n', 'Error\n\tat x.Y.z(Y.java:9)\n\t... 3 more\n'],
  ];
  for (const [ours, theirs] of equal)
    it(`makes ${JSON.stringify(ours)} equal to another run's`, () => {
      assert.equal(normalise(seen(ours), PLAIN, []), normalise(seen(theirs), PLAIN, []));
    });

  it('keeps the exit code, what differs, and the order unless there is none', () => {
    assert.notEqual(normalise(seen('a', 1), PLAIN, []), normalise(seen('a', 0), PLAIN, []));
    assert.notEqual(normalise(seen('offset 3'), PLAIN, []), normalise(seen('offset 4'), PLAIN, []));
    assert.notEqual(normalise(seen('a\nb'), PLAIN, []), normalise(seen('b\na'), PLAIN, []));
    const unordered = { ...PLAIN, unordered: true };
    assert.equal(normalise(seen('a\nb'), unordered, []), normalise(seen('b\na'), unordered, []));
  });

  it('names what is a broker its own', () => {
    const own = normalise(seen('127.0.0.1:4711 (id: 1)'), PLAIN, [[escaped('127.0.0.1:4711'), 'BROKER']]);
    assert.equal(own, 'out| BROKER (id: 1)\nexit 0');
  });
});

describe('a difference', () => {
  it('shows only the lines that differ, each as often as it is too many', () => {
    assert.equal(lineDifference({ ours: 'a\nb\nb', kafka: 'a\nb\nc' }), '- b\n+ c');
    assert.equal(lineDifference({ ours: 'a', kafka: 'a' }), '');
    assert.equal(lineDifference({ ours: 'a\nb', kafka: 'b\na' }), 'the same lines in another order');
    assert.equal(lineDifference({ ours: 'size 1', kafka: 'size 2' }, [[/\d/g, 'N']]), '');
  });
});

describe('a script', () => {
  it('splits command lines into words as a shell does', () => {
    assert.deepEqual(words(`a --b=c 'd e' "f" g='h i'`), ['a', '--b=c', 'd e', 'f', 'g=h i']);
  });

  it('gives each tool the address where it takes it', () => {
    assert.deepEqual(step('kafka-topics --list').args, ['--bootstrap-server', '$BROKER', '--list']);
    assert.deepEqual(step('kafka-transactions list').args, ['--bootstrap-server', '$BROKER', 'list']);
    assert.deepEqual(step('kafka-cluster cluster-id').args, ['cluster-id', '--bootstrap-server', '$BROKER']);
    assert.deepEqual(step('clients $BROKER x').args, ['$BROKER', 'x']);
    assert.deepEqual(step('kafka-topics', { bare: true }).args, []);
    assert.throws(() => step('kafka-nothing'), /no tool 'kafka-nothing'/);
  });

  it('numbers steps of one name', () => {
    const names = script('s', PLAIN, PLAIN).steps.map(({ name }) => name);
    assert.deepEqual(names, ['kafka-topics --list', 'kafka-topics --list (2)']);
  });
});
