import { type Lazy, lazy } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { SqlService } from '../engine/service/sql-service.ts';
import type { Topics } from '../topics/topics.ts';
import { type AppContext, appContext, type ListenOptions } from './app-context.ts';
import type { TopicAccess } from './auth.ts';
import type { ServerInfo } from './ksql-api.ts';
import { lazyListener } from './lazy-listener.ts';
import type { BrokerFacts } from './overview.ts';
import type { Pages } from './pages.ts';
import { HttpPort, type HttpPortOptions } from './port.ts';
import { refusalOf, writeRefusal } from './refusal.ts';

export interface HttpOptions extends ListenOptions {
  readonly pages: Pages;
}

/** What requests are answered from. */
export interface AppParts {
  readonly sql: SqlService;
  /** When the server began, by the monotonic clock. */
  readonly startedMs: number;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly info: ServerInfo;
  readonly broker: Omit<BrokerFacts, 'version' | 'startedMs' | 'httpAddress'>;
  /** Kafka's rules, where the broker asks them. */
  readonly topicAccess?: TopicAccess | undefined;
  /** Metrics that the parts of the server keep themselves, in Prometheus' text format. */
  readonly metrics: () => string;
}

/** SQL is loaded when somebody asks for it. */
export interface HttpParts extends Omit<AppParts, 'sql' | 'startedMs'> {
  readonly sql: Lazy<SqlService>;
}

/** Everything that is spoken over HTTP, on one port. */
export class HttpServer {
  readonly #port: HttpPort;

  private constructor(port: HttpPort) {
    this.#port = port;
  }

  static async start(parts: HttpParts, options: HttpOptions): Promise<HttpServer> {
    const logger = parts.logger.child({ part: 'http' });
    const context = appContext(options, { ...parts, logger });
    let address = '';
    const startedMs = parts.clock.monotonicMs();
    const port = await HttpPort.listen({
      ...options,
      clock: parts.clock,
      logger,
      listener: lazyListener(
        async () => {
          const [{ appListener }, sql] = await Promise.all([import('./app.ts'), parts.sql()]);
          return appListener({ ...parts, sql, startedMs }, options, context, () => address);
        },
        (outgoing, path, error) => writeRefusal(outgoing, refusalOf(error, path, context)),
      ),
      onUpgrade: lazyWebSockets(parts.sql, context),
    });
    ({ address } = port);
    return new HttpServer(port);
  }

  /** host:port, as bound. */
  get address(): string {
    return this.#port.address;
  }

  stop(): Promise<void> {
    return this.#port.stop();
  }
}

/** As with other requests. */
function lazyWebSockets(
  sql: Lazy<SqlService>,
  context: AppContext,
): NonNullable<HttpPortOptions['onUpgrade']> {
  const loaded = lazy(async () => {
    const { webSocketQueries } = await import('./web-socket.ts');
    return webSocketQueries(await sql(), context);
  });
  return (request, socket, head) => {
    loaded()
      .then(({ onUpgrade }) => onUpgrade(request, socket, head))
      .catch((error: Error) => {
        context.logger.error('WebSockets cannot be served', { reason: error.message });
        socket.destroy();
      });
  };
}
