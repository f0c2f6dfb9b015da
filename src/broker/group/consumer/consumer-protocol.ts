import type { Random } from '../../../base/random.ts';
import type { ErrorName } from '../../../protocol/errors.ts';
import type { Deadlines } from '../../../topics/deadlines.ts';
import type {
  JoinReply,
  JoinRequest,
  LeaveReply,
  LeaveRequest,
  MemberIdentity,
  SyncReply,
  SyncRequest,
} from '../group-calls.ts';
import type { GroupConfig } from '../group-config.ts';
import type { GroupDirectory } from '../group-directory.ts';
import type { GroupEffects } from '../group-effects.ts';
import type { GroupDeadline } from '../rebalance.ts';
import { ClassicJoin } from './classic-join.ts';
import { ClassicMembers } from './classic-members.ts';
import type { ConsumerHeartbeatReply, ConsumerHeartbeatRequest } from './consumer-calls.ts';
import { type GroupOverrides, sessionTimeoutMs } from './consumer-config.ts';
import type { ConsumerContext } from './consumer-context.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { ConsumerHeartbeat } from './consumer-heartbeat.ts';
import { ConsumerRemoval } from './consumer-removal.ts';
import { ConsumerTimers } from './consumer-timers.ts';
import { Downgrade, writeGroupRemoval } from './downgrade.ts';
import { GroupDraft } from './group-draft.ts';
import type { GroupTopics } from './group-topics.ts';
import { Upgrade } from './upgrade.ts';

/** The consumer protocol (KIP-848) of one coordinator partition: everything its groups can be asked. */
export class ConsumerProtocol {
  readonly #timers: ConsumerTimers;
  readonly #removal: ConsumerRemoval;
  readonly #heartbeat: ConsumerHeartbeat;
  readonly #classicJoin: ClassicJoin;
  readonly #classicMembers: ClassicMembers;

  constructor(parts: {
    readonly groups: GroupDirectory;
    readonly topics: GroupTopics;
    readonly deadlines: Deadlines<GroupDeadline>;
    readonly config: () => GroupConfig;
    readonly overrides: (groupId: string) => GroupOverrides;
    readonly random: Random;
  }) {
    const { deadlines, config, overrides } = parts;
    this.#timers = new ConsumerTimers(deadlines, (groupId) =>
      sessionTimeoutMs(config().consumer, overrides(groupId)),
    );
    const context: ConsumerContext = { ...parts, timers: this.#timers };
    const downgrade = new Downgrade(context);
    this.#removal = new ConsumerRemoval(context, downgrade);
    this.#heartbeat = new ConsumerHeartbeat(context, this.#removal, new Upgrade(context));
    this.#classicJoin = new ClassicJoin(context, downgrade);
    this.#classicMembers = new ClassicMembers(context, this.#removal);
  }

  heartbeat(request: ConsumerHeartbeatRequest, effects: GroupEffects, nowMs: number): ConsumerHeartbeatReply {
    return this.#heartbeat.handle(request, effects, nowMs);
  }

  classicJoin(group: ConsumerGroup, request: JoinRequest, effects: GroupEffects, nowMs: number): JoinReply {
    return this.#classicJoin.handle(group, request, effects, nowMs);
  }

  classicSync(group: ConsumerGroup, request: SyncRequest, nowMs: number): SyncReply {
    return this.#classicMembers.sync(group, request, nowMs);
  }

  classicHeartbeat(group: ConsumerGroup, identity: MemberIdentity, nowMs: number): ErrorName {
    return this.#classicMembers.heartbeat(group, identity, nowMs);
  }

  classicLeave(
    group: ConsumerGroup,
    request: LeaveRequest,
    effects: GroupEffects,
    nowMs: number,
  ): LeaveReply {
    return this.#classicMembers.leave(group, request, effects, nowMs);
  }

  /** The end of a group without members. */
  delete(group: ConsumerGroup, effects: GroupEffects): void {
    writeGroupRemoval(new GroupDraft(group, effects));
  }

  /** After a start everybody's time begins anew. */
  loaded(group: ConsumerGroup, nowMs: number): void {
    for (const member of group.members.values()) {
      this.#timers.heard(group.groupId, member, nowMs);
      this.#timers.reconciled(group.groupId, member, nowMs);
    }
  }

  timedOut(...deadline: Parameters<ConsumerRemoval['timedOut']>): void {
    this.#removal.timedOut(...deadline);
  }
}
