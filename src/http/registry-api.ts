import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { VERSION } from '../base/version.ts';
import type { Permission } from '../engine/service/access.ts';
import { SchemaRegistryError } from '../serde/schema-registry.ts';
import { admission } from './admission.ts';
import type { AppContext } from './app-context.ts';
import type { AppTypes } from './app-types.ts';
import type { NodeListener } from './port.ts';
import { registryRefusal } from './registry-refusal.ts';
import { answer, type RegistryContext } from './registry-requests.ts';
import { schemasRoutes } from './registry-schemas.ts';
import type { RegistryServerParts } from './registry-server.ts';
import { settingsRoutes } from './registry-settings.ts';
import { subjectsRoutes } from './registry-subjects.ts';

export type RegistryRoutes = Hono<AppTypes>;

/** Node's listener for the Schema Registry API. */
export function registryListener(parts: RegistryServerParts, context: AppContext): NodeListener {
  const app = buildApp(parts, context);
  const listener = getRequestListener((request, node) => app.fetch(request, node), {
    overrideGlobalObjects: false,
  });
  return (incoming, outgoing) => void listener(incoming, outgoing);
}

function buildApp({ registry, clusterId }: RegistryServerParts, context: AppContext): RegistryRoutes {
  const { limits } = context;
  const app: RegistryRoutes = new Hono({ strict: false });
  const refuse = (error: unknown, c: RegistryContext) => {
    const { status, headers, body } = registryRefusal(error, c.req.path, context);
    return new Response(body, { status, headers });
  };

  app.onError(refuse);
  app.notFound((c) => refuse(new SchemaRegistryError('HTTP 404 Not Found', 404), c));
  app.use('*', admission(context, 'GET,POST,PUT,DELETE,OPTIONS'));
  app.use('*', async (c, next) => {
    const access = c.get('access');
    const needed = permissionFor(c.req.method, c.req.path);
    if (!access.may(needed))
      throw new SchemaRegistryError(
        `${access.principal} is denied ${c.req.method} ${c.req.path}: it needs '${needed}'`,
        40301,
      );
    return next();
  });

  app.get('/', (c) => answer(c, {}));
  app.get('/v1/metadata/id', (c) => {
    const clusters = { 'kafka-cluster': clusterId, 'schema-registry-cluster': 'schema-registry' };
    return answer(c, { scope: { path: [], clusters }, id: '' });
  });
  app.get('/v1/metadata/version', (c) => answer(c, { version: VERSION, commitId: '' }));
  app.get('/contexts', async (c) => answer(c, await registry.read((state) => state.contexts())));
  for (const prefix of ['/', '/contexts/:context']) {
    app.route(prefix, subjectsRoutes(registry, limits));
    app.route(prefix, schemasRoutes(registry));
    app.route(prefix, settingsRoutes(registry, limits));
  }
  return app;
}

const LOOKUP = /^\/(contexts\/[^/]+\/)?(subjects\/[^/]+\/?$|compatibility\/)/;
const SUBJECT_OR_VERSION = /^\/(contexts\/[^/]+\/)?subjects\/[^/]+(\/versions\/[^/]+)?\/?$/;

/**
 * Serializers register what they write; to take something back, or to change what is allowed, is for fewer. Patterns are of
 * whole paths, for contexts and subjects may have any name; what none knows needs the most that its method can need.
 */
function permissionFor(method: string, path: string): Permission {
  switch (method) {
    case 'GET':
    case 'HEAD':
      return 'read';
    case 'POST':
      return LOOKUP.test(path) ? 'read' : 'write';
    case 'DELETE':
      return SUBJECT_OR_VERSION.test(path) ? 'define' : 'administer';
    default:
      return 'administer';
  }
}
