import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LogLevels } from './log-levels.ts';
import { createLogger } from './logger.ts';
import { VirtualClock } from './virtual-clock.ts';

it('levels of loggers change while they are in use', () => {
  const lines: string[] = [];
  const levels = new LogLevels('info');
  const logger = createLogger({ levels, clock: new VirtualClock(), write: (line) => lines.push(line) });
  const http = logger.child({ part: 'http' });
  const written = (act: () => void) => {
    lines.length = 0;
    act();
    return lines.length;
  };
  assert.deepEqual(levels.names(), ['root', 'millrace.http']);
  assert.equal(
    written(() => http.debug('a')),
    0,
  );
  levels.set('millrace.http', 'trace');
  assert.equal(
    written(() => http.debug('a')),
    1,
  );
  assert.equal(
    written(() => logger.debug('a')),
    0,
  );
  levels.set('root', 'fatal');
  assert.equal(
    written(() => logger.warn('a')),
    0,
  );
  assert.equal(
    written(() => logger.error('a')),
    1,
  );
  levels.reset('millrace.http');
  assert.equal(
    written(() => http.child({ query: 1 }).warn('a')),
    0,
  );
  levels.reset('root');
  assert.equal(
    written(() => http.info('a')),
    1,
  );
});
