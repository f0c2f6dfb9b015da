import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openLocal } from '../../test/support/local-storage.ts';
import { silentLogger } from '../base/logger.ts';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import type { SchemaText } from '../serde/schema-registry.ts';
import { deleteSubject, deleteVersion } from './deletions.ts';
import { Registry } from './registry.ts';
import { changeConfig } from './settings.ts';

const avro = (size: number): SchemaText => ({
  type: 'AVRO',
  schema: `{"type":"fixed","name":"F","size":${size}}`,
  references: [],
});

const STRIDE = 7;

/** What somebody was told, and the step that nobody was told the end of. */
interface Told {
  /** Id -> size of its schema. */
  readonly ids: Map<number, number>;
  readonly live: Set<string>;
  asked: string | undefined;
  ended: boolean;
}

async function open(fs: MemoryFileSystem) {
  const local = await openLocal({ fs });
  const registry = new Registry({ topics: local.topics, clock: local.clock, logger: silentLogger });
  return { registry, close: () => registry.stop().then(() => local.close()) };
}

/** Registers, deletes, deletes for ever and configures, until the disk is gone. */
async function live(fs: MemoryFileSystem): Promise<Told> {
  const told: Told = { ids: new Map(), live: new Set(), asked: undefined, ended: false };
  const crashed = new Promise<void>((resolve) => {
    const before = fs.onCall;
    fs.onCall = (call) => {
      before?.(call);
      setImmediate(() => fs.crashed && resolve());
    };
  });
  const life = script(fs, told).catch((error: unknown) => {
    if (!fs.crashed) throw error;
  });
  await Promise.race([life, crashed]);
  return told;
}

async function script(fs: MemoryFileSystem, told: Told): Promise<void> {
  const { registry, close } = await open(fs);
  const step = async (name: string, work: () => Promise<void>) => {
    told.asked = name;
    await work();
    told.asked = undefined;
  };
  const register = (subject: string, size: number) =>
    step(`${subject} ${size}`, async () => {
      told.ids.set(await registry.register(subject, avro(size)), size);
      told.live.add(`${subject} ${size}`);
    });
  await step('config', async () => {
    await registry.write((state) => changeConfig(state, null, { compatibilityLevel: 'NONE' }));
  });
  await register('a', 1);
  await register('a', 2);
  await register('b', 2);
  await register('c', 3);
  await step('delete c', async () => {
    told.live.delete('c 3');
    await registry.write((state) => deleteVersion(state, 'c', 1, false));
  });
  await step('remove c', async () => {
    await registry.write((state) => deleteSubject(state, 'c', true));
  });
  await register('d', 4);
  await step('delete a', async () => {
    told.live.delete('a 1');
    told.live.delete('a 2');
    await registry.write((state) => deleteSubject(state, 'a', false));
  });
  await register('a', 5);
  await close();
  told.ended = true;
}

async function check(fs: MemoryFileSystem, told: Told): Promise<void> {
  const { registry, close } = await open(fs);
  for (const [id, size] of told.ids) {
    const found = await registry.byId(id);
    // Of what was removed nothing may be left but its id.
    if (size !== 3) assert.equal(found?.schema, avro(size).schema, `schema ${id} was answered`);
    else if (found) assert.equal(found.schema, avro(size).schema);
  }
  for (const name of told.live) {
    const [subject = '', size] = name.split(' ');
    assert.ok(await registry.lookup(subject, avro(Number(size))), `${name} is there`);
  }
  const id = await registry.register('new', avro(99));
  assert.ok(!told.ids.has(id), `the id ${id} belongs to another schema`);
  await close();
  const again = await open(fs);
  assert.equal((await again.registry.byId(id))?.schema, avro(99).schema);
  await again.close();
}

describe('a registry whose power is cut', () => {
  for (const keep of ['synced', 'random', 'all'] as const)
    it(`has what it answered, at calls all over its life (of what was not synced there is left: ${keep})`, async () => {
      const whole = new MemoryFileSystem();
      assert.ok((await live(whole)).ended);
      const calls = whole.callCount;
      for (let call = 1; call <= calls; call += STRIDE) {
        const fs = new MemoryFileSystem();
        fs.crashAtCall(call);
        const told = await live(fs);
        await check(fs.crash({ keep, random: new SeededRandom(call) }), told).catch((cause: unknown) => {
          throw new Error(`crash at call ${call} of ${calls}, during ${told.asked}: ${cause}`, { cause });
        });
      }
    });
});
