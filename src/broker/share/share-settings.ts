import type { Isolation } from '../../log/log-types.ts';
import type { ShareGroupConfig } from '../group/share/share-group-config.ts';
import type { ShareConfig } from './share-config.ts';

/** Where a share group begins to read a partition. */
export type ShareReset = 'earliest' | 'latest' | { readonly agoMs: number };

/** What of the configuration concerns fetches of one share group. */
export interface ShareFetchConfig {
  readonly lockMs: number;
  readonly maxRecordLocks: number;
  readonly isolation: Isolation;
  readonly reset: ShareReset;
}

/** The values of configs, with those of a group before those of the broker. */
export interface ConfigValues {
  number(name: string): number;
  groupText(name: string, groupId: string): string;
}

/** The configuration of share groups, read anew at each use. */
export class ShareSettings {
  readonly #values: ConfigValues;

  constructor(values: ConfigValues) {
    this.#values = values;
  }

  get maxSessions(): number {
    return this.#values.number('group.share.max.share.sessions');
  }

  partitions(): ShareConfig {
    return {
      maxDeliveryCount: this.#values.number('group.share.delivery.count.limit'),
      updatesPerSnapshot: this.#values.number('share.coordinator.snapshot.update.records.per.snapshot'),
    };
  }

  members(groupId: string): ShareGroupConfig {
    const number = (name: string) => Number(this.#values.groupText(name, groupId));
    return {
      sessionTimeoutMs: number('share.session.timeout.ms'),
      heartbeatIntervalMs: number('share.heartbeat.interval.ms'),
      maxSize: this.#values.number('group.share.max.size'),
    };
  }

  fetches(groupId: string): ShareFetchConfig {
    const text = (name: string) => this.#values.groupText(name, groupId);
    return {
      lockMs: Number(text('share.record.lock.duration.ms')),
      maxRecordLocks: this.#values.number('group.share.partition.max.record.locks'),
      isolation: text('share.isolation.level').toLowerCase() as Isolation,
      reset: parseReset(text('share.auto.offset.reset')),
    };
  }
}

const DURATION = /^by_duration:P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;

/** `earliest`, `latest`, or a duration as java.time.Duration writes it: `by_duration:PT1H30M`. */
export function parseReset(text: string): ShareReset {
  const lower = text.trim().toLowerCase();
  if (lower === 'earliest' || lower === 'latest') return lower;
  const match = DURATION.exec(text.trim());
  if (match === null) return 'latest';
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return { agoMs: (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 };
}
