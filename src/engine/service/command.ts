import { Buffer } from 'node:buffer';
import type { SqlType } from '../../data/types.ts';
import type { Source } from '../../sql/catalog.ts';
import type { QueryPlan } from '../../sql/plan.ts';
import type { EntryCodec } from '../../topics/state-machine.ts';

/** What a statement changes for ever. Plans are stored, not only texts: a newer planner never changes a running query. */
export type Effect =
  | { readonly kind: 'create'; readonly source: Source; readonly plan?: QueryPlan }
  | { readonly kind: 'insertQuery'; readonly plan: QueryPlan }
  /** The topic goes after the source; until `topicDeleted` every start tries again. */
  | { readonly kind: 'drop'; readonly name: string; readonly deleteTopic?: string }
  | { readonly kind: 'topicDeleted'; readonly topic: string }
  | { readonly kind: 'terminate'; readonly queryId: string }
  | { readonly kind: 'pause' | 'resume'; readonly queryId: string }
  | { readonly kind: 'alterSystem'; readonly name: string; readonly value: string }
  | { readonly kind: 'createType'; readonly name: string; readonly type: SqlType }
  | { readonly kind: 'dropType'; readonly name: string };

/** One accepted statement, as it lies in the command topic. */
export interface Command {
  /** Counts accepted statements from 1; the number at the end of a query id. `topicDeleted` shares that of its DROP. */
  readonly sequence: number;
  readonly statementText: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly effect: Effect;
}

/** Numbers a command, and resolves when it is durable and in force. */
export type Append = (request: Omit<Command, 'sequence'>) => Promise<Command>;

const COMMAND_VERSION = 1;

/**
 * A command as a record of the command topic:
 *
 *   key    the sequence number in decimal, UTF-8
 *   value  {"version":1,"sequence":n,"statementText":"...","properties":{...},"effect":{...}} as JSON, UTF-8
 */
export const commandCodec: EntryCodec<Command> = {
  encode: (command) => ({
    key: Buffer.from(String(command.sequence)),
    value: Buffer.from(JSON.stringify({ version: COMMAND_VERSION, ...command })),
  }),
  decode: (_key, value) => {
    if (!value) return undefined;
    const { version, ...command } = JSON.parse(value.toString()) as Command & { readonly version: number };
    if (version !== COMMAND_VERSION)
      throw new Error(
        `the command topic holds a statement of version ${version}; this server knows version 1`,
      );
    return command;
  },
};
