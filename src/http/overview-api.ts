import { Buffer } from 'node:buffer';
import { Hono } from 'hono';
import type { Clock } from '../base/clock.ts';
import { checkTopic } from '../engine/service/access.ts';
import { BAD_REQUEST, KsqlError, NOT_FOUND } from '../engine/service/ksql-error.ts';
import type { Topics } from '../topics/topics.ts';
import type { AppTypes } from './app-types.ts';
import type { OverviewReader } from './overview.ts';
import { visibleTo } from './overview-access.ts';
import { OverviewFeed } from './overview-feed.ts';
import { readRecords } from './topic-records.ts';

const MAX_RECORDS = 1_000;
/** A watcher that has not taken this many events gets the next ones later: each holds the whole state. */
const MAX_WAITING_EVENTS = 4;

/** What the pages need beside SQL: the state of the server, live, and records of a topic. */
export function overviewApi(reader: OverviewReader, topics: Topics, clock: Clock): Hono<AppTypes> {
  const app = new Hono<AppTypes>();
  const feed = new OverviewFeed(reader, clock);

  app.get('/api/overview', async (c) => c.json(visibleTo(c.get('access'), await reader.read())));

  app.get('/api/overview/stream', (c) => {
    const access = c.get('access');
    let unsubscribe: (() => void) | undefined;
    let left = false;
    const leave = (): void => {
      left = true;
      unsubscribe?.();
    };
    c.req.raw.signal.addEventListener('abort', leave, { once: true });
    const body = new ReadableStream<Uint8Array>(
      {
        async start(controller) {
          const stop = await feed.subscribe(access, (event) => {
            if (!left && (controller.desiredSize ?? 0) > 0) controller.enqueue(Buffer.from(event));
          });
          unsubscribe = stop;
          if (left) stop();
        },
        cancel: leave,
      },
      { highWaterMark: MAX_WAITING_EVENTS },
    );
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store' };
    return new Response(body, { headers });
  });

  app.get('/api/topics/:name/records', async (c) => {
    const name = c.req.param('name');
    const access = c.get('access');
    // Whom it is hidden from must not learn by another answer that it is there.
    const [topic] = access.mayTopic('DESCRIBE', name) ? await topics.describe([name]) : [];
    if (!topic) throw new KsqlError(NOT_FOUND, `There is no topic ${name}.`);
    checkTopic('READ', name, access);
    const partition = integer(c.req.query('partition'), 0, 'partition');
    const from = integer(c.req.query('from'), 0, 'from');
    const limit = integer(c.req.query('limit'), 20, 'limit');
    if (partition < 0 || partition >= topic.partitionCount)
      throw new KsqlError(NOT_FOUND, `Topic ${name} has no partition ${partition}.`);
    if (limit < 0 || limit > MAX_RECORDS)
      throw new KsqlError(BAD_REQUEST, `limit must be between 0 and ${MAX_RECORDS}.`);
    return c.json({ records: await readRecords(topics, { topic: name, partition }, from, limit) });
  });
  return app;
}

function integer(text: string | undefined, fallback: number, name: string): number {
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new KsqlError(BAD_REQUEST, `${name} must be an integer, not '${text}'.`);
  return value;
}
