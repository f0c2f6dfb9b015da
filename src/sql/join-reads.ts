import type { Column } from '../data/schema.ts';
import { type Expression, readsColumn } from './expression.ts';
import { inputsOf, type Step, type StreamStreamJoinStep } from './plan.ts';

/** Of a join of streams: the columns of each side's rows that what follows it reads. */
export interface JoinReads {
  readonly join: StreamStreamJoinStep;
  readonly left: readonly Column[];
  readonly right: readonly Column[];
}

/**
 * What the joins of streams in a plan have to keep of their rows: rows wait there as they were when they came. From the
 * end of the plan to its sources, as the engine compiles it.
 */
export function joinReads(root: Step): JoinReads[] {
  const found: JoinReads[] = [];
  visit(root, () => true, found);
  return found;
}

/** Whether a column at a position of a step's rows is read by those behind it. */
type Reads = (index: number) => boolean;

function visit(step: Step, isRead: Reads, found: JoinReads[]): void {
  const { key } = step.schema;
  switch (step.step) {
    case 'sourceV1':
      return;
    case 'sinkV1':
      visit(step.input, isRead, found);
      return;
    case 'filterV1':
      visit(step.input, either(isRead, readBy([step.predicate])), found);
      return;
    case 'projectV1':
      visit(step.input, readBy(step.columns), found);
      return;
    case 'rekeyV1': {
      const passed: Reads = (index) => isRead(key.length + index);
      visit(step.input, either(passed, readBy(step.key)), found);
      return;
    }
    case 'flatMapV1':
      visit(step.input, either(isRead, readBy(step.functions)), found);
      return;
    case 'aggregateV1':
    case 'windowedAggregateV1': {
      const args = step.aggregates.flatMap((aggregate) => aggregate.args);
      const width = step.input.schema.key.length;
      visit(
        step.input,
        either((index) => index < width, readBy(args)),
        found,
      );
      return;
    }
    case 'streamStreamJoinV1': {
      const [left, right] = sides(step, isRead);
      found.push({ join: step, left: lasting(step.left, left), right: lasting(step.right, right) });
      visitSides(step, left, right, found);
      return;
    }
    default: {
      const [left, right] = sides(step, isRead);
      visitSides(step, left, right, found);
      return;
    }
  }
}

/** Behind the key of a join's row come the columns of its left side, then those of its right. */
function sides(step: Step, isRead: Reads): [left: Reads, right: Reads] {
  const from = step.schema.key.length;
  const width = columnsOf(inputsOf(step)[0] as Step).length;
  return [(index) => isRead(from + index), (index) => isRead(from + width + index)];
}

/** The key finds its partners, whether anybody reads it or not. */
function visitSides(step: Step, left: Reads, right: Reads, found: JoinReads[]): void {
  for (const [n, side] of inputsOf(step).entries()) {
    const isKey: Reads = (index) => index < side.schema.key.length;
    const foreignKey = step.step === 'foreignKeyJoinV1' && n === 0 ? readBy([step.foreignKey]) : () => false;
    visit(side, either(n === 0 ? left : right, either(isKey, foreignKey)), found);
  }
}

function readBy(expressions: readonly Expression[]): Reads {
  return (index) => expressions.some((e) => readsColumn(e, (position) => position === index));
}

function either(a: Reads, b: Reads): Reads {
  return (index) => a(index) || b(index);
}

function columnsOf({ schema }: Step): readonly Column[] {
  return [...schema.key, ...schema.value];
}

function lasting(side: Step, isRead: Reads): Column[] {
  return columnsOf(side).flatMap((_, index) => (isRead(index) ? [lastingColumn(side, index)] : []));
}

/**
 * A column of rows that are kept, by its name and its place among those that share it: a query that takes another's place
 * may have more columns, which move those behind them.
 */
export function lastingColumn(side: Step, index: number): Column {
  const columns = columnsOf(side);
  const { name, type } = columns[index] as Column;
  const sameBefore = columns.slice(0, index).filter((column) => column.name === name).length;
  return { name: `C${sameBefore}_${name}`, type };
}
