import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as samples from '../../../test/support/sample-functions.ts';
import { evaluateText } from '../expression-test-kit.ts';
import { bindAggregate } from './bind-aggregate.ts';
import { describeFunction } from './describe.ts';
import { registerFunctions } from './registry.ts';
import { defineFunction, functionsOf } from './user-functions.ts';

registerFunctions(functionsOf(samples));

test('a function takes and gives values as TypeScript has them', () => {
  assert.equal(evaluateText("INITIALS('ab cd')"), 'ac');
  assert.equal(evaluateText('INITIALS(CAST(NULL AS STRING))'), null);
  assert.deepEqual(evaluateText('TWICE(ARRAY[1, 2], x => x * 10)'), [100, 200]);
  assert.equal(evaluateText('TWICE(1.25)'), 250n);
  assert.match(
    String(evaluateText('TWICE(2000000000)')),
    /TWICE: its result number 4000000000 is no INTEGER/,
  );
});

test('the state of an aggregate is saved as its type says', () => {
  const bound = bindAggregate('SPREAD', [{ kind: 'INTEGER' }], [3], {});
  let state = bound.add(bound.initial(), 5);
  assert.equal(bound.result(state), 3);
  state = bound.load(bound.save(bound.add(state, 12)));
  assert.deepEqual(bound.save(state), [5, 12, 3]);
  assert.equal(bound.result(bound.merge(state, bound.add(bound.initial(), -8))), 20);
});

test('arguments choose the variant, and constants must fit it', () => {
  for (const init of [[], ['x'], [1, 2]])
    assert.throws(
      () => bindAggregate('SPREAD', [{ kind: 'INTEGER' }], init, {}),
      /SPREAD takes no arguments of/,
    );
  assert.throws(() => bindAggregate('SPREAD', [{ kind: 'STRING' }], [1], {}), /SPREAD takes no arguments of/);
});

test('what is there cannot be replaced, and what is wrong is refused at once', () => {
  const scalar = (name: string, signature = 'STRING -> STRING') =>
    defineFunction({ kind: 'scalar', name, variants: [{ signature, call: (a: string) => a }] });
  assert.throws(() => registerFunctions([scalar('ucase')]), /there is a function UCASE already/);
  assert.throws(() => registerFunctions([scalar('initials')]), /there is a function INITIALS already/);
  assert.throws(() => registerFunctions([scalar('a b')]), /'a b' is no name/);
  assert.throws(() => registerFunctions([scalar('broken', 'ARRAY<STRING -> STRING')]), /expected '>'/);
  assert.throws(
    () => registerFunctions([{ ...scalar('rows'), kind: 'table' }]),
    /table function ROWS: .* must give an ARRAY/,
  );
  // Loaded again, as every server of a process does.
  registerFunctions(functionsOf(samples));
});

test('whoever asks is told what the author wrote', () => {
  const { variants, ...rest } = describeFunction('initials')!;
  assert.deepEqual(rest, {
    name: 'INITIALS',
    type: 'SCALAR',
    category: 'OTHER',
    description: 'The first letters of the words of a text.',
    author: 'a test',
    version: '2',
  });
  assert.deepEqual(variants, [
    { arguments: [{ name: 'text', type: 'STRING', isVariadic: false }], returnType: 'STRING' },
  ]);
  assert.deepEqual(describeFunction('SPREAD')!.variants[0]!.arguments, [
    { name: 'number', type: 'INTEGER', isVariadic: false },
    { name: 'least', type: 'INTEGER', isVariadic: false },
  ]);
  assert.equal(describeFunction('words')!.type, 'TABLE');
});
