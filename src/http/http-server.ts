import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { SqlService } from '../engine/service/sql-service.ts';
import type { Topics } from '../topics/topics.ts';
import type { AppContext } from './app.ts';
import { identifier, type TopicAccess, type User } from './auth.ts';
import type { ServerInfo } from './ksql-api.ts';
import type { BrokerFacts } from './overview.ts';
import type { Pages } from './pages.ts';
import { HttpPort, type NodeListener } from './port.ts';
import { queryRoute } from './query-api.ts';
import { refusalOf, writeRefusal } from './refusal.ts';
import { webSocketQueries } from './web-socket.ts';

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  readonly maxConnections: number;
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
  /** With users, every request must name one. */
  readonly users: readonly User[];
  /** Value of access-control-allow-origin: an origin or `*`. */
  readonly allowOrigin?: string | undefined;
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
    const identify = identifier(options.users, parts.topicAccess);
    const { allowOrigin } = options;
    const limits = {
      clock: parts.clock,
      maxBytes: options.maxBodyBytes,
      timeoutMs: options.bodyTimeoutMs,
    };
    let address = '';
    const context: AppContext = { logger, limits, allowOrigin, identify, address: () => address };
    const route = queryRoute(parts.sql, {
      limits,
      allowOrigin,
      identify,
      refuse: (outgoing, path, error) => writeRefusal(outgoing, refusalOf(error, path, context)),
    });
    const common = lazyListener(parts, options, context);
    const webSockets = webSocketQueries(parts.sql, { logger, identify, allowOrigin });
    const port = await HttpPort.listen({
      host: options.host,
      port: options.port,
      maxConnections: options.maxConnections,
      clock: parts.clock,
      logger,
      listener: (incoming, outgoing) => {
        if (!route(incoming, outgoing)) common(incoming, outgoing);
      },
      onUpgrade: webSockets.onUpgrade,
    });
    address = formatAddress(port);
    return new HttpServer(port);
  }

  /** host:port, as bound. */
  get address(): string {
    return formatAddress(this.#port);
  }

  stop(): Promise<void> {
    return this.#port.stop();
  }
}

/** Loaded by the first request that needs it, so that a server is there sooner: the web framework takes a tenth of its start. */
function lazyListener(parts: HttpParts, options: HttpOptions, context: AppContext): NodeListener {
  let listener: Promise<NodeListener> | undefined;
  return (incoming, outgoing) => {
    listener ??= import('./app.ts').then(({ appListener }) => appListener(parts, options, context));
    listener
      .then((listen) => listen(incoming, outgoing))
      .catch((error: unknown) => writeRefusal(outgoing, refusalOf(error, incoming.url ?? '', context)));
  };
}

function formatAddress({ host, port }: HttpPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
