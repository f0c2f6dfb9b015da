import type { Answer } from '../../topics/state-machine.ts';
import type { GroupCalls } from './group-calls.ts';
import type { CoordinatorEntry } from './group-entries.ts';

/** Collects what one step of the group machine wants written and answered. */
export class GroupEffects {
  readonly entries: CoordinatorEntry[] = [];
  readonly replies: Answer<GroupCalls>[] = [];

  write(entry: CoordinatorEntry): void {
    this.entries.push(entry);
  }

  /** `_kind` ties the reply's type to the call that waits for it. */
  reply<Kind extends keyof GroupCalls>(_kind: Kind, token: number, reply: GroupCalls[Kind]['reply']): void {
    this.replies.push({ token, reply });
  }
}
