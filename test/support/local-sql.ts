import { type Logger, silentLogger } from '../../src/base/logger.ts';
import type { MemoryFileSystem } from '../../src/base/memory-fs.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { Engine, type SpillOptions } from '../../src/engine/engine.ts';
import { collect } from '../../src/engine/service/answers.ts';
import type { ConnectCluster } from '../../src/engine/service/connect-cluster.ts';
import type { Entity } from '../../src/engine/service/entities.ts';
import type { PlainRow } from '../../src/engine/service/row-objects.ts';
import { createSession } from '../../src/engine/service/session.ts';
import { SqlService } from '../../src/engine/service/sql-service.ts';
import type { SchemaRegistry } from '../../src/serde/schema-registry.ts';
import { schemaById } from '../../src/serde/whole-schema.ts';
import { openLocal } from './local-storage.ts';

/** The whole server without its listeners, over any file system and clock. */
export async function openLocalSql(options: {
  readonly fs: MemoryFileSystem;
  readonly clock?: VirtualClock;
  readonly logger?: Logger;
  readonly spill?: SpillOptions;
  readonly schemaRegistry?: SchemaRegistry;
  readonly connect?: ConnectCluster;
}) {
  const { fs, clock = new VirtualClock(), logger = silentLogger, spill, schemaRegistry, connect } = options;
  const local = await openLocal({ fs, clock, logger });
  const { topics } = local;
  const state = { fs, root: '/data/state' };
  const engine = new Engine({
    topics,
    clock,
    logger,
    state,
    ...(spill && { spill }),
    ...(schemaRegistry && { schemaById: schemaById(schemaRegistry) }),
  });
  const sql = await SqlService.start({
    topics,
    engine,
    clock,
    logger,
    random: new SeededRandom(2),
    serviceId: 'default_',
    schemaRegistry,
    connect,
  });
  const session = () => createSession({ 'auto.offset.reset': 'earliest' });
  return {
    ...local,
    engine,
    sql,
    run: (text: string): Promise<Entity[]> => sql.execute(text, session()),
    async rows(text: string): Promise<PlainRow[]> {
      const answer = await sql.query(text, session());
      if (answer.kind !== 'rows') throw new Error('this is no query');
      return collect(answer.rows);
    },
    async close() {
      await sql.stop();
      await engine.stop();
      await local.close();
    },
  };
}

export type LocalSql = Awaited<ReturnType<typeof openLocalSql>>;
