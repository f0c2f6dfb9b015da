import assert from 'node:assert/strict';
import { it } from 'node:test';
import { entityText } from './entity-text.ts';

const TRACE = 'java.lang.Error: bad\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException\n\t... 3 more\n';

it('answers about connectors are for people to read', () => {
  const part = { state: 'RUNNING', worker_id: 'w:8083' };
  const entities: [entity: Record<string, unknown>, shown: RegExp[]][] = [
    [
      { '@type': 'connector_info', info: { name: 'c' }, warnings: [{ message: 'a sink' }] },
      [/^Connector c created\.\nWarning: a sink$/],
    ],
    [{ '@type': 'drop_connector', connectorName: 'c', warnings: [] }, [/^Connector c dropped\.$/]],
    [
      {
        '@type': 'connector_list',
        connectors: [{ name: 'c', type: 'sink', className: 'C', state: 'RUNNING (1/1 tasks RUNNING)' }],
      },
      [/name.*type.*className.*state/, /c.*sink.*C.*RUNNING \(1\/1 tasks RUNNING\)/],
    ],
    [
      {
        '@type': 'connector_plugins_list',
        connectorsPlugins: [{ className: 'C', type: 'sink', version: '4' }],
      },
      [/className.*type.*version/, /C.*sink.*4/],
    ],
    [
      {
        '@type': 'connector_description',
        connectorClass: 'C',
        status: {
          name: 'c',
          type: 'source',
          connector: part,
          tasks: [{ id: 0, ...part, state: 'FAILED', trace: TRACE }],
        },
        sources: [{ name: 'S', topic: 't', type: 'STREAM' }],
        topics: ['t', 'u'],
      },
      [
        /^Name: c\nClass: C\nType: source\nState: RUNNING\nWorker: w:8083\n\n/,
        /0.*FAILED.*w:8083/,
        /\n\nError of task 0: java\.lang\.Error: bad\nCaused by: java\.io\.IOException\n\n/,
        /S.*t.*STREAM/,
        /topic/,
        /u/,
      ],
    ],
  ];
  for (const [entity, shown] of entities)
    for (const pattern of shown) assert.match(entityText(entity), pattern);
});
