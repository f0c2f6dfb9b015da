import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ConnectCluster, ConnectError } from '../../src/engine/service/connect-cluster.ts';

export interface ConnectServer {
  readonly url: string;
  stop(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

/** Kafka Connect's REST API over one in memory, as far as connector statements go. */
export async function startConnectServer(connect: ConnectCluster): Promise<ConnectServer> {
  const server = createServer((request, response) => {
    reply(connect, request).then(({ status, body }) => {
      response.statusCode = status;
      response.setHeader('content-type', 'application/json');
      response.end(body === undefined ? '' : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function reply(connect: ConnectCluster, request: IncomingMessage): Promise<Reply> {
  try {
    return (
      (await answer(connect, request)) ?? refused(404, `There is no ${decodeURIComponent(request.url ?? '')}`)
    );
  } catch (error) {
    return refused(error instanceof ConnectError ? error.status : 500, (error as Error).message);
  }
}

function refused(error_code: number, message: string): Reply {
  return { status: error_code, body: { error_code, message } };
}

async function answer(connect: ConnectCluster, request: IncomingMessage): Promise<Reply | undefined> {
  const { pathname } = new URL(request.url ?? '', 'http://h');
  const [kind = '', name = '', part = ''] = pathname.slice(1).split('/').map(decodeURIComponent);
  const found = (body: unknown): Reply | undefined =>
    body === undefined ? undefined : { status: 200, body };
  switch (`${request.method} ${kind}/${name && '*'}/${part}`) {
    case 'GET connector-plugins//':
      return found(await connect.plugins());
    case 'PUT connector-plugins/*/config': {
      const faults = await connect.validate(await json(request));
      const configs = faults.map((fault) => {
        const [, of = '', error = ''] = /^(\S+): (.*)$/.exec(fault) ?? [];
        return { definition: { name: of }, value: { name: of, errors: [error] } };
      });
      return found({ error_count: faults.length, configs });
    }
    case 'GET connectors//': {
      const all = await connect.list();
      return found(Object.fromEntries(all.map(({ name: of, info, status }) => [of, { info, status }])));
    }
    case 'POST connectors//': {
      const { name: of, config } = await json<{ name: string; config: Record<string, string> }>(request);
      return { status: 201, body: await connect.create(of, config) };
    }
    case 'GET connectors/*/':
      return found(await connect.info(name));
    case 'GET connectors/*/status':
      return found(await connect.status(name));
    case 'GET connectors/*/topics':
      return found({ [name]: { topics: await connect.topics(name) } });
    case 'DELETE connectors/*/':
      return (await connect.drop(name)) ? { status: 204 } : undefined;
    default:
      return undefined;
  }
}

async function json<T = Record<string, string>>(request: IncomingMessage): Promise<T> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return JSON.parse(text) as T;
}
