import { Hono } from 'hono';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { KsqlError, UNAUTHORIZED } from '../engine/service/ksql-error.ts';
import type { SqlService } from '../engine/service/sql-service.ts';
import type { Topics } from '../topics/topics.ts';
import { basicAuthorizer, type Credentials } from './auth.ts';
import type { BodyLimits } from './body.ts';
import { insertsApi } from './inserts-api.ts';
import { ksqlApi, type ServerInfo } from './ksql-api.ts';
import { type BrokerFacts, OverviewReader } from './overview.ts';
import { overviewApi } from './overview-api.ts';
import { type Pages, pagesApp } from './pages.ts';
import { HttpPort } from './port.ts';
import { kafkaMetrics, queryMetrics } from './prometheus.ts';
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
  readonly users: readonly Credentials[];
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
    const authorized = options.users.length > 0 ? basicAuthorizer(options.users) : () => true;
    let address = '';
    const app = buildApp(parts, options, logger, authorized, () => address);
    const refusals = { logger, allowOrigin: options.allowOrigin };
    const route = queryRoute(parts.sql, {
      limits: limitsOf(parts, options),
      allowOrigin: options.allowOrigin,
      authorized,
      refuse: (outgoing, path, error) => writeRefusal(outgoing, refusalOf(error, path, refusals)),
    });
    const webSockets = webSocketQueries(parts.sql, logger, (request) =>
      authorized(request.headers.authorization),
    );
    const port = await HttpPort.listen({
      host: options.host,
      port: options.port,
      maxConnections: options.maxConnections,
      clock: parts.clock,
      logger,
      route,
      fetch: (request, node) => app.fetch(request, node),
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

function buildApp(
  parts: HttpParts,
  options: HttpOptions,
  logger: Logger,
  authorized: (header: string | undefined) => boolean,
  address: () => string,
): Hono {
  const { sql, topics, clock, info } = parts;
  const limits = limitsOf(parts, options);
  const facts: BrokerFacts = { ...parts.broker, version: info.version, httpAddress: address };
  const overview = new OverviewReader(topics, sql, facts, clock);
  const app = new Hono();

  app.onError((error, c) => {
    const { status, headers, body } = refusalOf(error, c.req.path, {
      logger,
      allowOrigin: options.allowOrigin,
    });
    return new Response(body, { status, headers });
  });

  app.use('*', async (c, next) => {
    if (options.allowOrigin) {
      c.header('access-control-allow-origin', options.allowOrigin);
      // A preflight carries no credentials, so it is answered before they are asked for.
      if (c.req.method === 'OPTIONS') return preflight(c.req.raw, options.allowOrigin);
    }
    if (!authorized(c.req.header('authorization')))
      throw new KsqlError(UNAUTHORIZED, 'This server needs a user name and a password.');
    return next();
  });

  app.get('/metrics', async (c) => {
    const state = await overview.read();
    const text = kafkaMetrics(state) + queryMetrics(state, sql.pushQueryCount) + parts.metrics();
    return c.body(text, 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  });
  app.route('/', insertsApi(sql, limits));
  app.route('/', overviewApi(overview, topics, clock));
  app.route('/', pagesApp(options.pages));
  if (!options.pages['/']) app.get('/', (c) => c.redirect('/info'));
  app.route('/', ksqlApi(sql, info, limits));
  return app;
}

function limitsOf({ clock }: HttpParts, { maxBodyBytes, bodyTimeoutMs }: HttpOptions): BodyLimits {
  return { clock, maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs };
}

function preflight(request: Request, allowOrigin: string): Response {
  const headers = {
    'access-control-allow-origin': allowOrigin,
    'access-control-allow-methods': 'GET,POST,OPTIONS',
    'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? '*',
    'access-control-max-age': '600',
  };
  return new Response(null, { status: 204, headers });
}

function formatAddress({ host, port }: HttpPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
