import assert from 'node:assert/strict';
import { it } from 'node:test';
import { COMPATIBILITY, SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { Millrace } from '../../src/millrace.ts';
import { afterTest } from '../support/after-test.ts';

it("KafkaJS' registry client registers, encodes and decodes in every format", async (t) => {
  const millrace = await Millrace.start({ data: 'memory', users: ['u:p'] });
  afterTest(t, () => millrace.stop());
  const registry = new SchemaRegistry({
    host: `http://${millrace.registryAddress}`,
    auth: { username: 'u', password: 'p' },
  });
  const avro = {
    type: SchemaType.AVRO,
    schema: JSON.stringify({
      type: 'record',
      name: 'Play',
      namespace: 'game',
      fields: [{ name: 'player', type: 'string' }],
    }),
  } as const;
  const { id } = await registry.register(avro, { compatibility: COMPATIBILITY.FULL });
  assert.equal(await registry.getRegistryId('game.Play', 1), id);
  assert.equal(await registry.getRegistryIdBySchema('game.Play', avro), id);
  assert.deepEqual(
    { ...(await registry.decode(await registry.encode(id, { player: 'ada' }))) },
    { player: 'ada' },
  );

  const json = await registry.register(
    { type: SchemaType.JSON, schema: '{"type":"object","properties":{"player":{"type":"string"}}}' },
    { subject: 'json-value' },
  );
  assert.deepEqual(await registry.decode(await registry.encode(json.id, { player: 'bob' })), {
    player: 'bob',
  });
  const common = 'syntax = "proto3"; package game; message Name { string text = 1; }';
  await registry.register({ type: SchemaType.PROTOBUF, schema: common }, { subject: 'name' });
  const proto = await registry.register(
    {
      type: SchemaType.PROTOBUF,
      schema: 'syntax = "proto3"; package game; import "name.proto"; message Play { Name player = 1; }',
      references: [{ name: 'name.proto', subject: 'name', version: 1 }],
    },
    { subject: 'proto-value' },
  );
  const play = await registry.decode(await registry.encode(proto.id, { player: { text: 'eve' } }));
  assert.equal(play.player.text, 'eve');

  const changed = { ...avro, schema: avro.schema.replace('"string"', '"int"') };
  await assert.rejects(registry.register(changed, { compatibility: COMPATIBILITY.FULL }), /incompatible/i);
});
