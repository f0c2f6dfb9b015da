import type { Logger } from '../../base/logger.ts';
import { SerdeError } from '../../serde/format.ts';
import { isRegistryOutage, SchemaRegistryError } from '../../serde/schema-registry.ts';
import { SqlError } from '../../sql/sql-error.ts';
import { TopicError } from '../../topics/topics.ts';
import { ConnectError } from './connect-cluster.ts';
import type { Entity } from './entities.ts';
import { BAD_STATEMENT, KsqlError, REGISTRY_AWAY, SERVER_ERROR } from './ksql-error.ts';

/** Any failure of a statement as the error its sender gets; what is our own fault is logged in full. */
export function explainFailure(
  error: unknown,
  text: string,
  entities: readonly Entity[],
  logger: Logger,
): KsqlError {
  const statement = { text, entities };
  if (error instanceof KsqlError) return new KsqlError(error.code, error.message, statement);
  if (error instanceof Error && isRegistryOutage(error))
    return new KsqlError(REGISTRY_AWAY, error.message, statement);
  if (error instanceof ConnectError) return new KsqlError(connectCode(error), error.message, statement);
  if (error instanceof SqlError || error instanceof SerdeError || error instanceof SchemaRegistryError)
    return new KsqlError(BAD_STATEMENT, error.message, statement);
  if (error instanceof TopicError) {
    const code = error.code === 'KAFKA_STORAGE_ERROR' ? SERVER_ERROR : BAD_STATEMENT;
    return new KsqlError(code, error.message, statement);
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  logger.error('a statement failed for a reason of the server', { reason: message, stack });
  return new KsqlError(SERVER_ERROR, message, statement);
}

/** What Kafka Connect says of a statement is handed on; that it turns this server away, or fails, is not the asker's fault. */
function connectCode({ status }: ConnectError): number {
  const isAskers = status >= 400 && status < 500 && status !== 401 && status !== 403;
  return isAskers ? status * 100 : SERVER_ERROR;
}
