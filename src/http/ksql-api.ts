import { type Context, Hono } from 'hono';
import {
  BAD_REQUEST,
  KsqlError,
  METHOD_NOT_ALLOWED,
  NOT_ACCEPTABLE,
  NOT_FOUND,
  UPGRADE_REQUIRED,
} from '../engine/service/ksql-error.ts';
import { checkProperty } from '../engine/service/properties.ts';
import { createSession } from '../engine/service/session.ts';
import type { SqlService } from '../engine/service/sql-service.ts';
import type { AppTypes } from './app-types.ts';
import { type BodyLimits, readJsonObject } from './body.ts';
import { negotiate } from './negotiate.ts';
import { awaitCommand, requiredText, textList, textMap } from './request-fields.ts';

export interface ServerInfo {
  readonly version: string;
  readonly kafkaClusterId: string;
  readonly ksqlServiceId: string;
}

const JSON_TYPES = ['application/vnd.ksql.v1+json', 'application/json'] as const;

/** The method of each path that is no page. */
const METHODS: Readonly<Record<string, 'GET' | 'POST'>> = {
  '/ksql': 'POST',
  '/ksql/terminate': 'POST',
  '/query': 'POST',
  '/query-stream': 'POST',
  '/inserts-stream': 'POST',
  '/close-query': 'POST',
  '/heartbeat': 'POST',
  '/lag': 'POST',
  '/info': 'GET',
  '/healthcheck': 'GET',
  '/status': 'GET',
  '/status/:type/:entity/:action': 'GET',
  '/clusterStatus': 'GET',
  '/v1/metadata': 'GET',
  '/v1/metadata/id': 'GET',
  '/is_valid_property/:name': 'GET',
  '/chc/ready': 'GET',
  '/chc/live': 'GET',
  '/metrics': 'GET',
};

/** Statements and facts about the server: everything of ksqlDB's REST API that is answered in one piece. */
export function ksqlApi(sql: SqlService, info: ServerInfo, limits: BodyLimits): Hono<AppTypes> {
  const app = new Hono<AppTypes>();

  app.post('/ksql', async (c) => {
    const contentType = acceptedJson(c.req.header('accept'));
    const body = await readJsonObject(c.env.incoming, limits);
    const script = requiredText(body, 'ksql');
    await awaitCommand(sql, body);
    const properties = textMap(body, 'streamsProperties');
    for (const [name, value] of Object.entries(properties)) checkProperty(name, value);
    const session = createSession(properties, textMap(body, 'sessionVariables'), c.get('access'));
    const entities = await sql.execute(script, session);
    return c.body(JSON.stringify(entities), 200, { 'content-type': contentType });
  });

  app.post('/ksql/terminate', async (c) => {
    const contentType = acceptedJson(c.req.header('accept'));
    const body = await readJsonObject(c.env.incoming, limits);
    await sql.terminate(textList(body, 'deleteTopicList'), c.get('access'));
    const status = { status: 'SUCCESS', message: 'All queries, streams and tables are gone.', queryId: null };
    const entity = {
      '@type': 'currentStatus',
      statementText: 'TERMINATE CLUSTER;',
      commandId: 'cluster/TerminateCluster/terminate',
      commandStatus: status,
      warnings: [],
    };
    return c.body(JSON.stringify([entity]), 200, { 'content-type': contentType });
  });

  app.get('/info', (c) => answer(c, { KsqlServerInfo: { ...info, serverStatus: 'RUNNING' } }));

  app.get('/healthcheck', (c) => {
    const healthy = { isHealthy: true };
    const details = { metastore: healthy, kafka: healthy, commandRunner: healthy };
    return answer(c, { isHealthy: true, details, serverState: 'READY' });
  });

  app.get('/status', (c) => {
    const statuses = [...sql.commandStatuses(c.get('access'))].map(([id, { status }]) => [id, status]);
    return answer(c, { commandStatuses: Object.fromEntries(statuses) });
  });
  app.get('/status/:type/:entity/:action', (c) => {
    const { type, entity, action } = c.req.param();
    const quoted = entity.startsWith('`') ? entity : `\`${entity}\``;
    return answer(c, sql.commandStatus(`${type}/${quoted}/${action}`, c.get('access')));
  });

  app.get('/clusterStatus', (c) => {
    const nowMs = limits.clock.nowMs();
    const host = {
      hostAlive: true,
      lastStatusUpdateMs: nowMs,
      activeStandbyPerQuery: {},
      hostStoreLags: { stateStoreLags: {}, updateTimeMs: nowMs },
    };
    return answer(c, { clusterStatus: { 'embedded:0': host } });
  });
  // What servers of one ksqlDB cluster tell each other: taken and not needed, for here there is only one.
  for (const path of ['/heartbeat', '/lag'])
    app.post(path, async (c) => {
      await readJsonObject(c.env.incoming, limits);
      return answer(c, { isOk: true });
    });
  app.get('/v1/metadata', (c) => answer(c, { version: info.version, clusterId: clusterId(info) }));
  app.get('/v1/metadata/id', (c) => answer(c, clusterId(info)));
  app.get('/chc/ready', (c) => answer(c, {}));
  app.get('/chc/live', (c) => answer(c, {}));
  app.get('/is_valid_property/:name', (c) => {
    sql.checkOverride(c.req.param('name'));
    return answer(c, true);
  });
  app.post('/close-query', async (c) => {
    const queryId = requiredText(await readJsonObject(c.env.incoming, limits), 'queryId');
    if (!sql.closeQuery(queryId, c.get('access')))
      throw new KsqlError(BAD_REQUEST, `No push query ${queryId} runs here, so there is none to close.`);
    return c.body(null, 200);
  });
  app.get('/ws/query', (c) => {
    const error = new KsqlError(UPGRADE_REQUIRED, 'Queries are answered here over a WebSocket only.');
    return c.body(JSON.stringify(error), 426, { 'content-type': 'application/json', upgrade: 'websocket' });
  });
  for (const [path, method] of Object.entries(METHODS))
    app.all(path, (c) => {
      const error = new KsqlError(
        METHOD_NOT_ALLOWED,
        `${c.req.path} answers ${method} and not ${c.req.method}.`,
      );
      return c.body(JSON.stringify(error), 405, { 'content-type': 'application/json', allow: method });
    });
  app.all('*', (c) => {
    throw new KsqlError(NOT_FOUND, `There is nothing at ${c.req.method} ${c.req.path}.`);
  });
  return app;
}

function clusterId({ kafkaClusterId, ksqlServiceId }: ServerInfo): Record<string, unknown> {
  return {
    id: '',
    scope: { path: [], clusters: { 'kafka-cluster': kafkaClusterId, 'ksql-cluster': ksqlServiceId } },
  };
}

/** Facts are given to whoever asks: what checks whether a server is well may ask for any type. */
function answer(c: Context<AppTypes>, value: unknown): Response {
  const contentType = negotiate(c.req.header('accept'), JSON_TYPES) ?? 'application/json';
  return c.body(JSON.stringify(value), 200, { 'content-type': contentType });
}

function acceptedJson(accept: string | undefined): (typeof JSON_TYPES)[number] {
  const contentType = negotiate(accept, JSON_TYPES);
  if (!contentType)
    throw new KsqlError(NOT_ACCEPTABLE, `Only ${JSON_TYPES.join(' and ')} can be answered here.`);
  return contentType;
}
