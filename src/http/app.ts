import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import type { Logger } from '../base/logger.ts';
import { FORBIDDEN, KsqlError, UNAUTHORIZED } from '../engine/service/ksql-error.ts';
import type { AppTypes } from './app-types.ts';
import type { Identify } from './auth.ts';
import type { BodyLimits } from './body.ts';
import type { HttpOptions, HttpParts } from './http-server.ts';
import { insertsApi } from './inserts-api.ts';
import { ksqlApi } from './ksql-api.ts';
import { foreignOrigin } from './origin.ts';
import { type BrokerFacts, OverviewReader } from './overview.ts';
import { visibleTo } from './overview-access.ts';
import { overviewApi } from './overview-api.ts';
import { pagesApp } from './pages.ts';
import type { NodeListener } from './port.ts';
import { preflight } from './preflight.ts';
import { kafkaMetrics, queryMetrics } from './prometheus.ts';
import { refusalOf } from './refusal.ts';

/** What all answers of one server have in common. */
export interface AppContext {
  readonly logger: Logger;
  readonly limits: BodyLimits;
  readonly allowOrigin: string | undefined;
  readonly identify: Identify;
  readonly address: () => string;
}

/** Node's listener for everything but queries. */
export function appListener(parts: HttpParts, options: HttpOptions, context: AppContext): NodeListener {
  const app = buildApp(parts, options, context);
  const listener = getRequestListener((request, node) => app.fetch(request, node), {
    overrideGlobalObjects: false,
  });
  return (incoming, outgoing) => void listener(incoming, outgoing);
}

function buildApp(parts: HttpParts, options: HttpOptions, context: AppContext): Hono<AppTypes> {
  const { sql, topics, clock, info } = parts;
  const { limits, identify, allowOrigin } = context;
  const facts: BrokerFacts = { ...parts.broker, version: info.version, httpAddress: context.address };
  const overview = new OverviewReader(topics, sql, facts, clock);
  const app = new Hono<AppTypes>();

  app.onError((error, c) => {
    const { status, headers, body } = refusalOf(error, c.req.path, context);
    return new Response(body, { status, headers });
  });

  app.use('*', async (c, next) => {
    const foreign = foreignOrigin(c.env.incoming.headers, allowOrigin);
    if (foreign !== undefined) throw new KsqlError(FORBIDDEN, foreign);
    if (allowOrigin) {
      c.header('access-control-allow-origin', allowOrigin);
      // A preflight carries no credentials, so it is answered before they are asked for.
      if (c.req.method === 'OPTIONS') return preflight(c.req.raw, allowOrigin);
    }
    const access = identify(c.req.header('authorization'), c.env.incoming.socket.remoteAddress ?? '');
    if (!access) throw new KsqlError(UNAUTHORIZED, 'This server needs a user name and a password.');
    c.set('access', access);
    return next();
  });

  app.get('/metrics', async (c) => {
    const state = visibleTo(c.get('access'), await overview.read());
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
