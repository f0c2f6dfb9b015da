import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { SqlService } from '../engine/service/sql-service.ts';
import type { Topics } from '../topics/topics.ts';
import { type AppContext, appContext, type ListenOptions } from './app-context.ts';
import type { TopicAccess } from './auth.ts';
import type { ServerInfo } from './ksql-api.ts';
import type { BrokerFacts } from './overview.ts';
import type { Pages } from './pages.ts';
import { HttpPort, type NodeListener } from './port.ts';
import { queryRoute } from './query-api.ts';
import { refusalOf, writeRefusal } from './refusal.ts';
import { webSocketQueries } from './web-socket.ts';

export interface HttpOptions extends ListenOptions {
  readonly pages: Pages;
}

export interface HttpParts {
  readonly sql: SqlService;
  readonly topics: Topics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly info: ServerInfo;
  readonly broker: Omit<BrokerFacts, 'version' | 'httpAddress'>;
  /** Kafka's rules, where the broker asks them. */
  readonly topicAccess?: TopicAccess | undefined;
  /** Metrics that the parts of the server keep themselves, in Prometheus' text format. */
  readonly metrics: () => string;
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
    const route = queryRoute(parts.sql, {
      ...context,
      refuse: (outgoing, path, error) => writeRefusal(outgoing, refusalOf(error, path, context)),
    });
    const common = lazyListener(parts, options, context, () => address);
    const webSockets = webSocketQueries(parts.sql, context);
    const port = await HttpPort.listen({
      ...options,
      clock: parts.clock,
      logger,
      listener: (incoming, outgoing) => {
        if (!route(incoming, outgoing)) common(incoming, outgoing);
      },
      onUpgrade: webSockets.onUpgrade,
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

/** Loaded by the first request that needs it, so that a server is there sooner: the web framework takes a tenth of its start. */
function lazyListener(
  parts: HttpParts,
  options: HttpOptions,
  context: AppContext,
  address: () => string,
): NodeListener {
  let listener: Promise<NodeListener> | undefined;
  return (incoming, outgoing) => {
    listener ??= import('./app.ts').then(({ appListener }) => appListener(parts, options, context, address));
    listener
      .then((listen) => listen(incoming, outgoing))
      .catch((error: unknown) => writeRefusal(outgoing, refusalOf(error, incoming.url ?? '', context)));
  };
}
