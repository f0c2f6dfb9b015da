// Who may ask what of the Schema Registry API.
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, before, describe, it } from 'node:test';
import { INT, type RegistryHttp, startRegistryHttp } from '../testing/registry-http.ts';

describe('a schema registry with users', () => {
  let http: RegistryHttp;
  before(async () => {
    http = await startRegistryHttp(
      (['reader', 'writer', 'developer', 'admin'] as const).map((role) => ({
        user: role,
        password: 'p',
        role,
      })),
    );
  });
  after(() => http.stop());
  const as = (user: string) => ({ authorization: `Basic ${Buffer.from(`${user}:p`).toString('base64')}` });

  it('answers those alone', async () => {
    assert.equal((await http.send('GET /subjects', undefined, as('reader'))).status, 200);
    const refused = await http.send('GET /subjects');
    assert.equal(refused.status, 401);
    assert.match(refused.headers.get('www-authenticate') ?? '', /^Basic/);
    assert.equal(((await refused.json()) as { error_code: number }).error_code, 401);
    assert.equal((await http.send('GET /subjects', undefined, as('nobody'))).status, 401);
  });

  it('tells browsers what pages of the allowed origin may do', async () => {
    const asked = { 'access-control-request-method': 'PUT', origin: 'http://page' };
    const answer = await http.send('OPTIONS /config', undefined, asked);
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('access-control-allow-origin'), 'http://page');
    assert.match(answer.headers.get('access-control-allow-methods') ?? '', /PUT,DELETE/);
    assert.equal(
      (await http.send('GET /subjects')).headers.get('access-control-allow-origin'),
      'http://page',
    );
  });

  it('lets each do what the role may', async () => {
    const requests: [line: string, body: unknown, role: string][] = [
      ['POST /subjects/s/versions', INT, 'writer'],
      ['POST /contexts/.c/subjects/s/versions', INT, 'writer'],
      ['POST /subjects/s', INT, 'reader'],
      ['POST /compatibility/subjects/s/versions', INT, 'reader'],
      // Names that are also words of paths.
      ['POST /contexts/compatibility/subjects/s/versions', INT, 'writer'],
      ['POST /contexts/compatibility/subjects/:.prod:x/versions', INT, 'writer'],
      ['POST /contexts/.c/compatibility/subjects/s/versions', INT, 'reader'],
      ['POST /subjects/config/versions', INT, 'writer'],
      ['POST /contexts/config/subjects/mode/versions', INT, 'writer'],
      ['POST /subjects/config', INT, 'reader'],
      ['DELETE /subjects/config', undefined, 'developer'],
      ['DELETE /contexts/config/subjects/mode', undefined, 'developer'],
      ['PUT /contexts/.c/config/versions', { compatibility: 'NONE' }, 'admin'],
      ['DELETE /contexts/.c/config/versions', undefined, 'admin'],
      ['GET /config', undefined, 'reader'],
      ['PUT /config', { compatibility: 'NONE' }, 'admin'],
      ['PUT /mode/s', { mode: 'READWRITE' }, 'admin'],
      ['DELETE /config/', undefined, 'admin'],
      ['DELETE /subjects/s/versions/1', undefined, 'developer'],
      ['DELETE /subjects/s?permanent=true', undefined, 'developer'],
    ];
    const roles = ['reader', 'writer', 'developer', 'admin'];
    for (const [line, body, role] of requests) {
      const below = roles[roles.indexOf(role) - 1];
      if (below) assert.equal((await http.send(line, body, as(below))).status, 403, `${line} as ${below}`);
      assert.equal((await http.send(line, body, as(role))).status, 200, `${line} as ${role}`);
    }
  });
});
