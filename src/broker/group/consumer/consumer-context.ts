import type { Random } from '../../../base/random.ts';
import type { GroupConfig } from '../group-config.ts';
import type { GroupDirectory } from '../group-directory.ts';
import type { GroupOverrides } from './consumer-config.ts';
import type { ConsumerTimers } from './consumer-timers.ts';
import type { GroupTopics } from './group-topics.ts';

/** What the parts of the consumer protocol share. */
export interface ConsumerContext {
  readonly groups: GroupDirectory;
  readonly topics: GroupTopics;
  readonly timers: ConsumerTimers;
  readonly config: () => GroupConfig;
  /** What a group has of its own; asked anew at each use. */
  readonly overrides: (groupId: string) => GroupOverrides;
  readonly random: Random;
}
