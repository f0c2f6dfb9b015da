import type { Query } from '../ast.ts';
import { walk } from '../ast-walk.ts';
import type { Source } from '../catalog.ts';
import { expressionsOf } from './aggregate.ts';
import type { PlanContext } from './context.ts';
import { isOriginColumn } from './pull.ts';

/**
 * Whether ksqlDB would run a push query beside the persistent query that writes its source, which it calls scalable
 * (ksql.query.push.v2.enabled). Here every push query shares the process, so it only gets another kind of id.
 */
export function isScalablePush(query: Query, source: Source, { properties }: PlanContext): boolean {
  if (properties['ksql.query.push.v2.enabled']?.toLowerCase() !== 'true') return false;
  if ((properties['auto.offset.reset'] ?? 'latest') !== 'latest') return false;
  if (query.emit !== 'CHANGES' || source.createdByQuery === undefined) return false;
  if (query.joins.length + query.groupBy.length + query.partitionBy.length > 0) return false;
  if (query.window !== undefined || query.having !== undefined) return false;
  const expressions = [...expressionsOf(query.items), ...(query.where ? [query.where] : [])];
  return !expressions.some((e) => [...walk(e)].some(isOriginColumn));
}
