// The command as its users run it: a process with arguments, output and an exit code.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Millrace } from '../millrace.ts';
import { flagOf, SETTINGS } from './settings.ts';

const MAIN = new URL('./main.ts', import.meta.url).pathname;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Running {
  readonly ended: Promise<Ended>;
  /** Resolves with the first line of standard output. */
  readonly firstLine: Promise<string>;
  kill(signal: NodeJS.Signals): void;
}

function run(args: readonly string[], input?: string): Running {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(input ?? '');
  let out = '';
  let err = '';
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  const firstLine = new Promise<string>((resolve) => {
    child.stdout.on('data', (chunk) => {
      out += chunk;
      const line = out.indexOf('\n');
      if (line >= 0) resolve(out.slice(0, line));
    });
  });
  return { ended, firstLine, kill: (signal) => void child.kill(signal) };
}

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-cli-'));
});
after(() => rm(folder, { recursive: true, force: true }));

const FREE = ['--kafka', '127.0.0.1:0', '--http', '127.0.0.1:0', '--registry', '127.0.0.1:0'];

describe('millrace serve', () => {
  it('prints one line when ready, keeps its log apart, and ends cleanly on SIGTERM', async () => {
    const server = run(['serve', '--data', join(folder, 'clean'), ...FREE]);
    const line = await server.firstLine;
    assert.match(
      line,
      /^ready kafka=127\.0\.0\.1:\d+ http=http:\/\/127\.0\.0\.1:\d+ registry=http:\/\/127\.0\.0\.1:\d+$/,
    );
    const url = line.match(/http=(\S+)/)![1]!;
    assert.equal((await fetch(`${url}/info`)).status, 200);
    server.kill('SIGTERM');
    const { code, out } = await server.ended;
    assert.deepEqual([code, out], [0, `${line}\n`]);
  });

  it('takes settings from a file and statements from another, twice', async () => {
    const data = join(folder, 'configured');
    const sql = join(folder, 'start.sql');
    const config = join(folder, 'millrace.yaml');
    await writeFile(
      sql,
      "CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);",
    );
    await writeFile(
      config,
      `data: ${data}\nkafka: 127.0.0.1:0\nhttp: 127.0.0.1:0\nregistry: 127.0.0.1:0\nsql: ${sql}\nusers: [key:secret]\n`,
    );
    for (let start = 0; start < 2; start++) {
      const server = run(['serve', '--config', config]);
      const url = (await server.firstLine).match(/http=(\S+)/)![1]!;
      assert.equal((await fetch(`${url}/info`)).status, 401);
      const { code, out } = await run([
        'sql',
        url,
        '-u',
        'key:secret',
        '--output',
        'json',
        '-e',
        'SHOW STREAMS',
      ]).ended;
      assert.deepEqual(
        [code, (JSON.parse(out) as { streams: { name: string }[] }).streams.map(({ name }) => name)],
        [0, ['KSQL_PROCESSING_LOG', 'S']],
      );
      server.kill('SIGINT');
      assert.equal((await server.ended).code, 0);
    }
  });

  it('says in one line why it cannot start', async () => {
    const busy = createServer().listen(0, '127.0.0.1').unref();
    await new Promise((resolve) => busy.once('listening', resolve));
    const address = `127.0.0.1:${(busy.address() as AddressInfo).port}`;
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    await mkdir(join(folder, 'bad-sql'), { recursive: true });
    await writeFile(join(folder, 'bad.sql'), 'CREATE STREEM S;');
    const data = ['--data', join(folder, 'refused')];
    const cases: [args: string[], message: RegExp][] = [
      [[...data, '--kafka', address, '--http', '127.0.0.1:0'], /in use/],
      [[...data, '--kafka', '127.0.0.1:0', '--http', address], /in use/],
      [[...data, ...FREE, '--registry', address], /another registry port/],
      [['--data', file, ...FREE], /a-file cannot be made: a file of that name/],
      [['--data', join(file, 'below'), ...FREE], /a-file\/below cannot be made/],
      [
        [...data, ...FREE, '--schema-registry-url', 'nowhere'],
        /--schema-registry-url: .* http:\/\/HOST:PORT/,
      ],
      [[...data, '--kafka', 'nowhere', '--http', '127.0.0.1:0'], /HOST:PORT/],
      [[...data, '--kafka', '0.0.0.0:0', '--http', '127.0.0.1:0'], /allow-insecure/],
      [[...data, ...FREE, '--sql', join(folder, 'none.sql')], /none\.sql/],
      [[...data, ...FREE, '--sql', join(folder, 'bad.sql')], /bad\.sql: line 1:8: .* in CREATE STREEM S;$/],
      [[...data, ...FREE, '--config', join(folder, 'none.yaml')], /none\.yaml/],
      [[...data, ...FREE, '--sql', folder], /it is a folder$/],
      [[...data, ...FREE, '--users', ':secret'], /^millrace: --users: (?!.*secret).*NAME:PASSWORD/],
      [['--no-such-flag'], /no-such-flag'; --help/],
      [['--htp', 'x'], /Did you mean --http\?/],
    ];
    for (const [args, message] of cases) {
      const { code, out, err } = await run(['serve', ...args]).ended;
      const lines = err.split('\n').filter((line) => line !== '' && !/^\d{4}-.* (INFO|WARN) /.test(line));
      assert.equal(lines.length, 1, err);
      assert.match(lines[0]!, message);
      assert.deepEqual([code, out], [1, '']);
    }
    busy.close();
  });
});

describe('millrace', () => {
  it('shows its help when no command is given', async () => {
    const { code, out, err } = await run([]).ended;
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^Usage: millrace/);
  });

  it('shows the commands of a command that lacks one', async () => {
    const { code, err } = await run(['migrations']).ended;
    assert.equal(code, 1);
    assert.match(err, /^Usage: millrace migrations .*new-project/s);
  });

  it('has a flag for every setting of the server', async () => {
    const { out } = await run(['serve', '--help']).ended;
    for (const name of Object.keys(SETTINGS))
      assert.ok(out.includes(`  ${flagOf(name)} `), `no ${flagOf(name)} in\n${out}`);
  });

  it('says which Node it needs where that one is too old', async () => {
    const old = "Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.20.2'}})";
    const child = spawn(process.execPath, ['--import', `data:text/javascript,${old}`, MAIN, '--version']);
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.deepEqual([code, text], [1, 'millrace: this is Node 20.20.2; Node 22.22 or later is needed\n']);
  });

  it('tells its version', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    assert.deepEqual(await run(['--version']).ended, { code: 0, out: `${manifest.version}\n`, err: '' });
  });
});

describe('millrace sql', () => {
  let server: Millrace;
  let url = '';
  before(async () => {
    server = await Millrace.start({ data: 'memory' });
    url = `http://${server.httpAddress}`;
    await server.sql(
      "CREATE STREAM S (A BIGINT, B STRING) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);",
    );
    await server.sql("INSERT INTO S VALUES (9007199254740993, 'x');");
  });
  after(() => server.stop());

  it('shows rows in a box, all digits kept', async () => {
    const { code, out } = await run(['sql', url, '-e', 'SELECT * FROM S;']).ended;
    assert.equal(code, 0);
    assert.deepEqual(out.split('\n').slice(1, 4), [
      '│ A                │ B │',
      '├──────────────────┼───┤',
      '│ 9007199254740993 │ x │',
    ]);
  });

  it('runs scripts from a file and from standard input, with variables', async () => {
    const script =
      "SET 'auto.offset.reset' = 'earliest';\nSELECT B FROM S WHERE B = '${b}'\n EMIT CHANGES LIMIT 1;";
    const path = join(folder, 'query.sql');
    await writeFile(path, script);
    const expected = '["x"]';
    for (const ended of [
      run(['sql', url, '--output', 'json', '-d', 'b=x', '-f', path]).ended,
      run(['sql', url, '--output', 'json', '-d', 'b=x'], script).ended,
    ]) {
      const { code, out, err } = await ended;
      assert.deepEqual([code, err, out.trim().split('\n').at(-1)], [0, '', expected]);
    }
  });

  it('stops at an error: its text on standard error, exit code 1', async () => {
    const { code, out, err } = await run(['sql', url, '-e', 'DESCRIBE NONE; SHOW STREAMS;']).ended;
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /NONE/);
  });

  it('says where in a script it stopped', async () => {
    const path = join(folder, 'broken.sql');
    const cases: [script: string, error: RegExp][] = [
      ['SHOW STREAMS;\n\n-- a typo\nSHOW\n  STREEMS;\n', /^millrace: (.*broken\.sql|standard input):5:3: /],
      [
        'SHOW STREAMS;\n  DESCRIBE NONE;',
        /^millrace: (.*broken\.sql|standard input):2: There is no stream or table NONE/,
      ],
      ['SHOW STREAMS;\nSHOW TABLES', /^millrace: (.*broken\.sql|standard input):2: .* does not end with ';'/],
    ];
    for (const [script, error] of cases) {
      await writeFile(path, script);
      for (const ended of [run(['sql', url, '-f', path]).ended, run(['sql', url], script).ended])
        assert.match((await ended).err, error);
    }
  });

  it('names its user in one part or in two, and says when the server wants another', async () => {
    const server = run(['serve', '--data', 'memory', ...FREE, '--users', 'ann:secret']);
    const http = (await server.firstLine).match(/http=(\S+)/)![1]!;
    const cases: [flags: string[], error: RegExp][] = [
      [['--user', 'ann:secret'], /^$/],
      [['--user', 'ann', '--password', 'secret'], /^$/],
      [['--user', 'ann', '--password', 'wrong'], /asks for a user name.*--user NAME:PASSWORD\n$/],
      [[], /asks for a user name/],
      [['--user', 'ann'], /--user needs a password/],
      [['--password', 'secret'], /--password needs --user/],
    ];
    for (const [flags, error] of cases)
      assert.match((await run(['sql', http, ...flags, '-e', 'SHOW STREAMS;']).ended).err, error);
    server.kill('SIGTERM');
    await server.ended;
  });

  it('says which server it cannot reach', async () => {
    const { code, err } = await run(['sql', 'http://127.0.0.1:1', '-e', 'SHOW STREAMS;']).ended;
    assert.equal(code, 1);
    assert.match(err, /^millrace: cannot reach http:\/\/127\.0\.0\.1:1: .+\n$/);
    for (const [address, other] of [
      [server.kafkaAddress, /closed the connection without an answer: .* its Kafka port/],
      [server.registryAddress, /has nothing at \/ksql: .* not its registry's\?/],
    ] as const)
      assert.match((await run(['sql', `http://${address}`, '-e', 'SHOW STREAMS;']).ended).err, other);
  });
});
