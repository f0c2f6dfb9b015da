import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { admission } from './admission.ts';
import type { AppContext } from './app-context.ts';
import type { AppTypes } from './app-types.ts';
import type { AppParts, HttpOptions } from './http-server.ts';
import { insertsApi } from './inserts-api.ts';
import { ksqlApi } from './ksql-api.ts';
import { type BrokerFacts, OverviewReader } from './overview.ts';
import { visibleTo } from './overview-access.ts';
import { overviewApi } from './overview-api.ts';
import { pagesApp } from './pages.ts';
import type { NodeListener } from './port.ts';
import { kafkaMetrics, queryMetrics } from './prometheus.ts';
import { queryRoute } from './query-api.ts';
import { refusalOf, writeRefusal } from './refusal.ts';

/** Node's listener for all requests. `address`: of the port. */
export function appListener(
  parts: AppParts,
  options: HttpOptions,
  context: AppContext,
  address: () => string,
): NodeListener {
  const app = buildApp(parts, options, context, address);
  const listener = getRequestListener((request, node) => app.fetch(request, node), {
    overrideGlobalObjects: false,
  });
  const route = queryRoute(parts.sql, {
    ...context,
    refuse: (outgoing, path, error) => writeRefusal(outgoing, refusalOf(error, path, context)),
  });
  return (incoming, outgoing) => {
    if (!route(incoming, outgoing)) void listener(incoming, outgoing);
  };
}

function buildApp(
  parts: AppParts,
  options: HttpOptions,
  context: AppContext,
  address: () => string,
): Hono<AppTypes> {
  const { sql, topics, clock, info, startedMs } = parts;
  const { limits } = context;
  const { version } = info;
  const facts: BrokerFacts = { ...parts.broker, version, startedMs, httpAddress: address };
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
