import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOneOf } from './statement-text.ts';

test('a statement is known again in another layout, and nothing else is', () => {
  const isKnown = isOneOf(["CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='s', PARTITIONS=1);"]);
  assert.ok(
    isKnown("CREATE STREAM S (\n  A INT -- a comment\n) WITH ( KAFKA_TOPIC = 's',PARTITIONS = 1 );\n"),
  );
  assert.ok(!isKnown("CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='s', PARTITIONS=2);"));
});
