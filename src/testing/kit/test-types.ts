import type { Logger } from '../../base/logger.ts';
import type { ConnectCluster } from '../../engine/service/connect-cluster.ts';
import type { HeaderToWrite } from '../../record/batch-builder.ts';
import type { NewTopic } from '../../topics/topics.ts';
import type { TestRow } from './test-row.ts';

/** ISO text (UTC unless it names a zone), a Date, or milliseconds since 1970. */
export type Moment = string | Date | number;

export interface TestMillraceOptions {
  /** What the clock shows at first; 2024-01-01 unless given. */
  readonly startTime?: Moment;
  /** Everything that is drawn by chance follows from it; 1 unless given. */
  readonly seed?: number;
  /** Statements to begin with. */
  readonly sql?: string;
  /** Topics to begin with. */
  readonly topics?: readonly NewTopic[];
  /**
   * In force where no statement says otherwise. Unless given here, queries read from the beginning
   * (`auto.offset.reset=earliest`) and each update is a row of its own (`cache.max.bytes.buffering=0`).
   */
  readonly properties?: Readonly<Record<string, string>>;
  /** Kafka's own names: `num.partitions` ... */
  readonly brokerConfig?: Readonly<Record<string, string>>;
  readonly serviceId?: string;
  /** All state of queries that may lie on disk does, as when there is more than memory. */
  readonly spills?: boolean;
  /** Takes the connector statements; without one they are refused. */
  readonly connect?: ConnectCluster;
  readonly logger?: Logger;
}

export interface CrashOptions {
  /**
   * What is left of the changes that were not synced: none (`synced`), each by the toss of a coin and last writes
   * perhaps torn (`random`, unless given), or all, as when only the process ends (`all`).
   */
  readonly keep?: 'synced' | 'random' | 'all';
  /** Of the coin; that of the test Millrace unless given. */
  readonly seed?: number;
}

export interface InsertOptions {
  readonly headers?: readonly HeaderToWrite[];
}

/** A record in bytes or text, for what INSERT cannot say. */
export interface ProducedRecord {
  readonly key?: string | Uint8Array | null;
  readonly value: string | Uint8Array | null;
  readonly headers?: readonly HeaderToWrite[];
  /** By the key unless given, as Kafka's producers do; 0 without a key. */
  readonly partition?: number;
}

/** A persistent query as it is now. `error`: why it is in ERROR. */
export interface TestQuery {
  readonly id: string;
  readonly state: string;
  readonly error: string | undefined;
}

/** An entry of the processing log: what a query had to leave out and why. */
export interface TestLogEntry {
  /** `processing.QUERY.STEP`, with `.deserializer` behind for a record that could not be read. */
  readonly logger: string;
  readonly message: string;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly offset: number | null;
}

/** What may be done at one moment; see {@link TestMillrace.at}. */
export interface TestMoment {
  insert(source: string, ...rows: readonly TestRow[]): Promise<void>;
  insertWith(options: InsertOptions, source: string, ...rows: readonly TestRow[]): Promise<void>;
  /** A tombstone. */
  delete(table: string, key: TestRow): Promise<void>;
  produce(topic: string, ...records: readonly ProducedRecord[]): Promise<void>;
}
