import type { Source } from '../catalog.ts';
import type { QueryPlan, SinkStep, SourceStep } from '../plan.ts';
import type { PlanContext } from './context.ts';
import { rowSchema } from './window.ts';

/** CREATE SOURCE TABLE: a query that keeps the topic's last row per key for pull queries, and writes nothing. */
export function sourceTablePlan(source: Source, context: PlanContext): QueryPlan {
  const { name, relation, topic, keyFormat, valueFormat, window } = source;
  const schema = rowSchema(source.schema, window);
  const shared = { relation, schema, topic, keyFormat, valueFormat, ...(window && { window }) } as const;
  const input: SourceStep = {
    step: 'sourceV1',
    id: 'Source',
    ...shared,
    source: name,
    used: [...schema.key, ...schema.value].map((_, position) => position),
    pseudo: [],
    ...(source.timestamp && { timestamp: source.timestamp }),
  };
  const sink: SinkStep = { step: 'sinkV1', id: 'Sink', ...shared, input, sink: name, keepsOnly: true };
  return {
    version: 1,
    queryId: `CST_${name}_${context.options.nextQueryId}`,
    statementText: source.statementText,
    sink,
    properties: context.properties,
  };
}
