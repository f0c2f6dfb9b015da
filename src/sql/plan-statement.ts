import { resolveType } from './analyse/resolve-type.ts';
import type { ParsedStatement, Query, Statement, StatementOf } from './ast.ts';
import type { Catalog } from './catalog.ts';
import { Lexer } from './parser/lexer.ts';
import type { Planned, PlanOptions } from './planned.ts';
import { planAlter } from './planner/alter.ts';
import { planAssertSchema, planAssertTopic } from './planner/assertions.ts';
import { planCreateConnector, planList } from './planner/connectors.ts';
import { type PlanContext, planContext, requireSource } from './planner/context.ts';
import { planCreateAs, planInsertInto } from './planner/create-as.ts';
import { planCreateSource } from './planner/create-source.ts';
import { planInsertValues } from './planner/insert-values.ts';
import { planQueryForReading } from './planner/plan-query.ts';
import { planPull, refusePseudoColumns } from './planner/pull.ts';
import { isScalablePush } from './planner/scalable-push.ts';
import { SqlError } from './sql-error.ts';

/** Checks a statement against the catalog and says what is to be done. Throws SqlError. */
export function planStatement(parsed: ParsedStatement, catalog: Catalog, options: PlanOptions): Planned {
  const context = planContext(catalog, options);
  if (isOff(context, 'ksql.lambdas.enabled')) refuseLambdas(parsed.text);
  return plan(parsed.statement, parsed.text, context);
}

function isOff({ properties }: PlanContext, name: string): boolean {
  return properties[name]?.toLowerCase() === 'false';
}

function refuseLambdas(text: string): void {
  const lexer = new Lexer(text);
  for (let token = lexer.next(); token.kind !== 'end'; token = lexer.next()) {
    if (token.text !== '=>' || token.kind !== 'symbol') continue;
    throw new SqlError('Lambdas are switched off: ksql.lambdas.enabled is false.', token.line, token.column);
  }
}

function plan(statement: Statement, text: string, context: PlanContext): Planned {
  switch (statement.kind) {
    case 'createSource':
      return planCreateSource(statement, text, context);
    case 'createAs':
      return planCreateAs(statement, text, context);
    case 'insertInto':
      return planInsertInto(statement, text, context);
    case 'insertValues':
      return planInsertValues(statement, context);
    case 'query':
      return planQuery(statement.query, context);
    case 'drop':
      return planDrop(statement, context);
    case 'createType': {
      const { name, ifNotExists } = statement;
      return { kind: 'createType', name, type: resolveType(statement.type, context.catalog), ifNotExists };
    }
    case 'explainStatement':
      return {
        kind: 'explainStatement',
        planned: plan(statement.statement, statement.text, context),
        text: statement.text,
      };
    case 'list':
      return planList(statement);
    case 'createConnector':
      return planCreateConnector(statement);
    case 'alter':
      return planAlter(statement, context);
    case 'runScript':
      throw new SqlError(
        'RUN SCRIPT works in the shell only: the server does not read files.',
        statement.line,
        statement.column,
      );
    case 'assertTopic':
      return planAssertTopic(statement, context);
    case 'assertSchema':
      return planAssertSchema(statement, context);
    default:
      return statement;
  }
}

/** EMIT CHANGES: push. Otherwise what there is now: of a table its rows, of a stream its records. */
function planQuery(query: Query, context: PlanContext): Planned {
  const source = requireSource(context, query.from.name, query.from);
  if (query.emit === undefined) refusePseudoColumns(query);
  if (
    query.emit === undefined &&
    query.limit !== undefined &&
    isOff(context, 'ksql.query.pull.limit.clause.enabled')
  )
    throw new SqlError(
      'LIMIT in pull queries is switched off: ksql.query.pull.limit.clause.enabled is false.',
      query.line,
      query.column,
    );
  if (query.emit === undefined && source.relation === 'TABLE') return planPull(query, context);
  const kind = query.emit === undefined ? 'streamPull' : 'push';
  if (kind === 'streamPull' && query.window !== undefined) {
    throw new SqlError(
      'A pull query cannot have a WINDOW clause. Add EMIT CHANGES for a push query.',
      query.window.line,
      query.window.column,
    );
  }
  if (
    kind === 'streamPull' &&
    (query.groupBy.length > 0 || query.joins.length > 0 || query.partitionBy.length > 0)
  ) {
    throw new SqlError(
      'A pull query of a stream cannot have GROUP BY, PARTITION BY or JOIN. Add EMIT CHANGES for a push query.',
      query.line,
      query.column,
    );
  }
  const { step, columns } = planQueryForReading(query, context);
  const transientId =
    context.options.transientQueryId ?? `transient_${source.name}_${context.options.nextQueryId}`;
  const isScalable = kind === 'push' && isScalablePush(query, source, context);
  const queryId = isScalable ? transientId.replace('transient', 'SCALABLE_PUSH_QUERY') : transientId;
  return {
    kind,
    columns,
    plan: { queryId, root: step, properties: context.properties },
    ...(query.limit !== undefined && { limit: query.limit }),
    ...(isScalable && { isScalable }),
  };
}

function planDrop(statement: StatementOf<'drop'>, context: PlanContext): Planned {
  const { relation, name, ifExists, deleteTopic } = statement;
  if (!ifExists) requireSource(context, name, statement);
  const existing = context.catalog.source(name);
  if (existing !== undefined && existing.relation !== relation) {
    throw new SqlError(
      `${existing.name} is a ${existing.relation}: use DROP ${existing.relation}.`,
      statement.line,
      statement.column,
    );
  }
  if (deleteTopic && existing?.readOnly === true) {
    throw new SqlError(
      `${name} is read-only, so its topic stays. DROP it without DELETE TOPIC.`,
      statement.line,
      statement.column,
    );
  }
  return { kind: 'drop', relation, name, ifExists, deleteTopic };
}
