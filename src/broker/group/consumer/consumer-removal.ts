import type { GroupEffects } from '../group-effects.ts';
import type { ConsumerContext } from './consumer-context.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { canDowngrade, type Downgrade } from './downgrade.ts';
import { writeRemoval } from './find-member.ts';
import { GroupDraft } from './group-draft.ts';
import { topicsHash } from './group-topics.ts';
import { dropUnwantedRegexes } from './regexes.ts';

/** How members stop being members: they leave, fall silent, or do not do in time what they must. */
export class ConsumerRemoval {
  readonly #context: ConsumerContext;
  readonly #downgrade: Downgrade;

  constructor(context: ConsumerContext, downgrade: Downgrade) {
    this.#context = context;
    this.#downgrade = downgrade;
  }

  /** The others get their partitions with the next heartbeat of anybody. */
  remove(draft: GroupDraft, members: readonly ConsumerMember[], nowMs: number): void {
    if (members.length === 0) return;
    const { timers, topics } = this.#context;
    const { groupId } = draft.group;
    const leaving = new Set(members.map(({ memberId }) => memberId));
    const staying = [...draft.group.members.values()].filter(({ memberId }) => !leaving.has(memberId));
    for (const { memberId } of members) timers.forget(groupId, memberId);
    if (canDowngrade(staying, this.#context.config())) {
      this.#downgrade.convert(draft, staying, { mustRebalance: true }, nowMs);
      return;
    }
    for (const { memberId } of members) writeRemoval(draft, memberId);
    dropUnwantedRegexes(draft);
    const metadataHash = topicsHash(draft.group.subscribedTopics(), topics);
    draft.write({ kind: 'consumer epoch', value: { epoch: draft.group.epoch + 1, metadataHash } });
  }

  /** A deadline of a member has passed. */
  timedOut(
    kind: 'session' | 'revoke' | 'rejoin' | 'resync',
    groupId: string,
    memberId: string,
    effects: GroupEffects,
    nowMs: number,
  ): void {
    const group = this.#context.groups.find(groupId);
    if (group?.type !== 'consumer') return;
    const member = group.members.get(memberId);
    if (member === undefined) return;
    if (kind === 'revoke' && member.revoking.size === 0) return;
    this.remove(new GroupDraft(group, effects), [member], nowMs);
  }
}
