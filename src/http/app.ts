import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { admission } from './admission.ts';
import type { AppContext } from './app-context.ts';
import type { AppTypes } from './app-types.ts';
import type { HttpOptions, HttpParts } from './http-server.ts';
import { insertsApi } from './inserts-api.ts';
import { ksqlApi } from './ksql-api.ts';
import { type BrokerFacts, OverviewReader } from './overview.ts';
import { visibleTo } from './overview-access.ts';
import { overviewApi } from './overview-api.ts';
import { pagesApp } from './pages.ts';
import type { NodeListener } from './port.ts';
import { kafkaMetrics, queryMetrics } from './prometheus.ts';
import { refusalOf } from './refusal.ts';

/** Node's listener for everything but queries. `address`: of the port. */
export function appListener(
  parts: HttpParts,
  options: HttpOptions,
  context: AppContext,
  address: () => string,
): NodeListener {
  const app = buildApp(parts, options, context, address);
  const listener = getRequestListener((request, node) => app.fetch(request, node), {
    overrideGlobalObjects: false,
  });
  return (incoming, outgoing) => void listener(incoming, outgoing);
}

function buildApp(
  parts: HttpParts,
  options: HttpOptions,
  context: AppContext,
  address: () => string,
): Hono<AppTypes> {
  const { sql, topics, clock, info } = parts;
  const { limits } = context;
  const facts: BrokerFacts = { ...parts.broker, version: info.version, httpAddress: address };
  const overview = new OverviewReader(topics, sql, facts, clock);
  const app = new Hono<AppTypes>();

  app.onError((error, c) => {
    const { status, headers, body } = refusalOf(error, c.req.path, context);
    return new Response(body, { status, headers });
  });

  app.use('*', admission(context));

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
