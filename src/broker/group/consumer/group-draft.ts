import type { GroupEffects } from '../group-effects.ts';
import type { ConsumerGroupEntry } from './consumer-entries.ts';
import type { ConsumerGroup } from './consumer-group.ts';

type WithoutGroup<Entry> = Entry extends ConsumerGroupEntry ? Omit<Entry, 'groupId'> : never;

/**
 * A group with the entries of one step already in force, so that what follows in the step sees them. The group
 * itself changes when they are replayed; a step without entries copies nothing.
 */
export class GroupDraft {
  readonly effects: GroupEffects;
  #group: ConsumerGroup;
  #isCopy: boolean;

  /** `isNew`: nobody else has this group, it may be written to. */
  constructor(group: ConsumerGroup, effects: GroupEffects, isNew = false) {
    this.#group = group;
    this.effects = effects;
    this.#isCopy = isNew;
  }

  get group(): ConsumerGroup {
    return this.#group;
  }

  write(entry: WithoutGroup<ConsumerGroupEntry>): void {
    if (!this.#isCopy) this.#group = this.#group.fork();
    this.#isCopy = true;
    const whole = { groupId: this.#group.groupId, ...entry } as ConsumerGroupEntry;
    this.effects.write(whole);
    this.#group.apply(whole);
  }
}
