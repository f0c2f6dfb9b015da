import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Metrics } from './metrics.ts';

test('renders counters, gauges and histograms in the text format', () => {
  const metrics = new Metrics();
  metrics.counter('requests_total', 'Requests.', { api: 'Fetch' }).add();
  metrics.counter('requests_total', 'Requests.', { api: 'Fetch' }).add(2);
  metrics.counter('requests_total', 'Requests.', { api: 'Produce' });
  metrics.gauge('connections', 'Open\nconnections.').set(4);
  const seconds = metrics.histogram('latency_seconds', 'Latency.', { api: 'Fetch' }, [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 3]) seconds.observe(value);
  assert.equal(
    metrics.render(),
    `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{api="Fetch"} 3
requests_total{api="Produce"} 0
# HELP connections Open\\nconnections.
# TYPE connections gauge
connections 4
# HELP latency_seconds Latency.
# TYPE latency_seconds histogram
latency_seconds_bucket{api="Fetch",le="0.1"} 2
latency_seconds_bucket{api="Fetch",le="1"} 3
latency_seconds_bucket{api="Fetch",le="+Inf"} 4
latency_seconds_sum{api="Fetch"} 3.65
latency_seconds_count{api="Fetch"} 4
`,
  );
});

test('observed gauges are read by each render until they end', () => {
  const metrics = new Metrics();
  let lag = 1;
  const end = metrics.observe('lag', 'Lag.', () => [{ labels: { group: 'g' }, value: lag }]);
  assert.match(metrics.render(), /^lag\{group="g"\} 1$/m);
  lag = 2;
  assert.match(metrics.render(), /^lag\{group="g"\} 2$/m);
  end();
  assert.doesNotMatch(metrics.render(), /group/);
});

test('label values are escaped, label order does not matter, gone series go', () => {
  const metrics = new Metrics();
  metrics.gauge('g', 'G.', { b: 'quote " slash \\ line \n', a: '1' }).set(1);
  assert.match(metrics.render(), /^g\{a="1",b="quote \\" slash \\\\ line \\n"\} 1$/m);
  assert.equal(metrics.gauge('h', 'H.', { a: '1', b: '2' }), metrics.gauge('h', 'H.', { b: '2', a: '1' }));
  metrics.remove('h', { b: '2', a: '1' });
  assert.doesNotMatch(metrics.render(), /^h\{/m);
});

test('one name is one kind of metric, and a legal one', () => {
  const metrics = new Metrics();
  metrics.counter('a', 'A.');
  assert.throws(() => metrics.gauge('a', 'A.'), TypeError);
  assert.throws(() => metrics.counter('not a name', ''), TypeError);
});
