import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { SqlService, type SqlServiceOptions } from '../../src/engine/service/sql-service.ts';
import type { EngineHost } from '../../src/engine/threads/engine-host.ts';

/** SQL over topics and an engine that the test has made, without log or listener. Stopping it stops the engine too. */
export async function startSqlService(
  parts: Pick<SqlServiceOptions, 'topics'> &
    Partial<SqlServiceOptions> & { readonly engine: Engine | EngineHost },
): Promise<{ readonly sql: SqlService; readonly stop: () => Promise<void> }> {
  const sql = await SqlService.start({
    clock: systemClock,
    random: new SeededRandom(1),
    logger: silentLogger,
    serviceId: 'default_',
    ...parts,
  });
  const stop = async () => {
    await sql.stop();
    await parts.engine.stop();
  };
  return { sql, stop };
}
