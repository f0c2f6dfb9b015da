export type ConnectorType = 'source' | 'sink' | 'unknown';

/** As Kafka Connect's REST API tells of it, field by field: ksqlDB's clients are handed the same. */
export interface ConnectorInfo {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
  readonly tasks: readonly { readonly connector: string; readonly task: number }[];
  readonly type: ConnectorType;
}

/** UNASSIGNED, RUNNING, PAUSED, STOPPED, FAILED, RESTARTING; a failure has a Java stack trace. */
interface PartStatus {
  readonly state: string;
  readonly worker_id: string;
  readonly trace?: string;
}

export interface ConnectorStatus {
  readonly name: string;
  readonly connector: PartStatus;
  readonly tasks: readonly (PartStatus & { readonly id: number })[];
  readonly type: ConnectorType;
}

/** What a list says of a connector; one that was made or dropped a moment ago may miss a part. */
export interface ListedConnector {
  readonly name: string;
  readonly info: ConnectorInfo | undefined;
  readonly status: ConnectorStatus | undefined;
}

export interface ConnectorPlugin {
  readonly class: string;
  readonly type: string;
  readonly version: string;
}

/** Kafka Connect as connector statements need it. Every call may reject with a ConnectError. */
export interface ConnectCluster {
  /** What is wrong with a configuration that has a name, one line each; none: a connector can be made of it. */
  validate(config: Readonly<Record<string, string>>): Promise<readonly string[]>;
  /** Rejects with 409 when there is one of that name. */
  create(name: string, config: Readonly<Record<string, string>>): Promise<ConnectorInfo>;
  /** False when there is none of that name. */
  drop(name: string): Promise<boolean>;
  /** In the order of their names. */
  list(): Promise<readonly ListedConnector[]>;
  /** Undefined when there is none of that name. */
  info(name: string): Promise<ConnectorInfo | undefined>;
  /** Undefined until a worker has told of it. */
  status(name: string): Promise<ConnectorStatus | undefined>;
  /** Those it has written to or read from; undefined where Connect keeps no account (`topic.tracking.enable`). */
  topics(name: string): Promise<readonly string[] | undefined>;
  plugins(): Promise<readonly ConnectorPlugin[]>;
}

/** `status`: what Kafka Connect answered as HTTP; 0 when there was no answer, or none of Kafka Connect's. */
export class ConnectError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.name = 'ConnectError';
    this.status = status;
  }
}
