import { connect as connectHttp2, constants } from 'node:http2';
import WebSocket from 'ws';

const PATH = `/ws/query?request=${encodeURIComponent('{"ksql":"SELECT * FROM S;"}')}`;

type Headers = Readonly<Record<string, string>>;

/** A WebSocket for a query of S: 101 when it was opened, else the status and the reason of the refusal. */
export function openWebSocket(address: string, headers: Headers): Promise<[status: number, body: string]> {
  const client = new WebSocket(`ws://${address}${PATH}`, { headers });
  return new Promise((resolve, reject) => {
    client.on('error', reject);
    client.on('open', () => {
      client.close();
      resolve([101, '']);
    });
    client.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => {
        body += text;
      });
      response.on('end', () => resolve([response.statusCode ?? 0, body]));
    });
  });
}

/** The status of a query of S. */
export async function overHttp2(address: string, headers: Headers): Promise<number> {
  const session = connectHttp2(`http://${address}`);
  const request = session.request({ ':path': '/query', ':method': 'POST', ...headers });
  request.end('{"ksql":"SELECT * FROM S;"}');
  const status = await new Promise<number>((resolve) =>
    request.on('response', (answered) => resolve(Number(answered[constants.HTTP2_HEADER_STATUS]))),
  );
  request.resume();
  session.close();
  return status;
}
