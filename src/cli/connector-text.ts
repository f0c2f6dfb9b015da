import type { Entity } from './sql-client.ts';
import { textTable } from './text-table.ts';

type Item = Readonly<Record<string, unknown>>;

/** DESCRIBE CONNECTOR for a person to read. */
export function connectorText({ connectorClass, status, sources, topics }: Entity): string {
  const { name, type, connector, tasks } = status as Item;
  const { state, worker_id: worker, trace } = connector as Item;
  const head = [
    `Name: ${name}`,
    `Class: ${connectorClass}`,
    `Type: ${type}`,
    `State: ${state}`,
    `Worker: ${worker}`,
    ...errorText('Error', trace),
  ];
  return [
    head.join('\n'),
    ...table(['task', 'state', 'worker'], tasks, (task) => [task.id, task.state, task.worker_id]),
    ...(tasks as Item[]).flatMap((task) => errorText(`Error of task ${task.id}`, task.trace)),
    ...table(['source', 'topic', 'type'], sources, (source) => [source.name, source.topic, source.type]),
    ...table(['topic'], topics, (topic) => [topic]),
  ].join('\n\n');
}

/** Without the frames of the stack. */
function errorText(title: string, trace: unknown): string[] {
  if (typeof trace !== 'string' || trace === '') return [];
  const lines = trace.split('\n').filter((line) => !/^\s+(at |\.\.\. \d+ more)/.test(line));
  return [`${title}: ${lines.join('\n').trim()}`];
}

function table(header: readonly string[], items: unknown, cells: (item: Item) => unknown[]): string[] {
  const rows = (items as Item[]).map(cells);
  return rows.length === 0 ? [] : [textTable(header, rows)];
}
