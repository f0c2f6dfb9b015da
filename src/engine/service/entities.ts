import type { ConnectorInfo, ConnectorStatus, ConnectorType } from './connect-cluster.ts';

/** The answers of /ksql, by `@type`, with the field names ksqlDB's clients read. */
export type Entity =
  | CurrentStatus
  | StreamsList
  | TablesList
  | QueriesList
  | SourceDescriptionEntity
  | SourceDescriptionsEntity
  | QueryDescriptionEntity
  | QueryDescriptionsEntity
  | TopicsList
  | FunctionNames
  | FunctionDescription
  | PropertiesList
  | TypeList
  | VariablesList
  | TerminateQuery
  | AssertTopic
  | AssertSchema
  | CreatedConnector
  | DroppedConnector
  | ConnectorList
  | ConnectorPluginsList
  | ConnectorDescription
  | WarningEntity;

interface EntityBase {
  readonly statementText: string;
  readonly warnings: readonly Warning[];
}

export interface Warning {
  readonly message: string;
}

export interface CurrentStatus extends EntityBase {
  readonly '@type': 'currentStatus';
  /** kind/`NAME`/action */
  readonly commandId: string;
  readonly commandStatus: CommandStatus;
  readonly commandSequenceNumber: number;
}

export interface CommandStatus {
  readonly status: 'QUEUED' | 'PARSING' | 'EXECUTING' | 'RUNNING' | 'TERMINATED' | 'SUCCESS' | 'ERROR';
  readonly message: string;
  readonly queryId: string | null;
}

export interface SourceSummary {
  readonly type: 'STREAM' | 'TABLE';
  readonly name: string;
  readonly topic: string;
  readonly keyFormat: string;
  readonly valueFormat: string;
  readonly isWindowed: boolean;
}

export interface StreamsList extends EntityBase {
  readonly '@type': 'streams';
  readonly streams: readonly SourceSummary[];
}

export interface TablesList extends EntityBase {
  readonly '@type': 'tables';
  readonly tables: readonly SourceSummary[];
}

export type QueryType = 'PERSISTENT' | 'PUSH' | 'PULL';

export interface QuerySummary {
  readonly queryString: string;
  readonly sinks: readonly string[];
  readonly sinkKafkaTopics: readonly string[];
  readonly id: string;
  readonly statusCount: Readonly<Record<string, number>>;
  readonly queryType: QueryType;
  readonly state: string;
}

export interface QueriesList extends EntityBase {
  readonly '@type': 'queries';
  readonly queries: readonly QuerySummary[];
}

export interface FieldSchema {
  readonly type: string;
  readonly fields: readonly Field[] | null;
  readonly memberSchema: FieldSchema | null;
  readonly parameters?: Readonly<Record<string, number>>;
}

export interface Field {
  readonly name: string;
  readonly schema: FieldSchema;
  readonly type?: 'KEY' | 'HEADER';
  /** Of a column with the value of one header. */
  readonly headerKey?: string;
}

export interface SourceDescription {
  readonly name: string;
  readonly windowType: string | null;
  readonly readQueries: readonly QuerySummary[];
  readonly writeQueries: readonly QuerySummary[];
  readonly fields: readonly Field[];
  readonly type: 'STREAM' | 'TABLE';
  readonly timestamp: string;
  readonly statistics: string;
  readonly errorStats: string;
  readonly extended: boolean;
  readonly keyFormat: string;
  readonly valueFormat: string;
  readonly topic: string;
  readonly partitions: number;
  readonly replication: number;
  readonly statement: string;
  readonly queryOffsetSummaries: readonly QueryOffsetSummary[];
  /** What was made from it by CREATE ... AS. */
  readonly sourceConstraints: readonly string[];
  /** Of a cluster's other servers, of which there are none. */
  readonly clusterStatistics: readonly never[];
  readonly clusterErrorStats: readonly never[];
}

export interface QueryOffsetSummary {
  readonly groupId: string;
  readonly topicSummaries: readonly {
    readonly kafkaTopic: string;
    readonly offsets: readonly {
      readonly partition: number;
      readonly logStartOffset: number;
      readonly logEndOffset: number;
      readonly consumerOffset: number;
    }[];
  }[];
}

export interface SourceDescriptionEntity extends EntityBase {
  readonly '@type': 'sourceDescription';
  readonly sourceDescription: SourceDescription;
}

export interface SourceDescriptionsEntity extends EntityBase {
  readonly '@type': 'source_descriptions';
  readonly sourceDescriptions: readonly SourceDescription[];
}

export interface TaskMetadata {
  readonly taskId: string;
  readonly topicOffsets: readonly {
    readonly topicPartitionEntity: { readonly topic: string; readonly partition: number };
    readonly endOffset: number;
    readonly committedOffset: number;
  }[];
}

export interface QueryDescription {
  readonly id: string;
  readonly statementText: string;
  readonly windowType: string | null;
  readonly fields: readonly Field[];
  readonly sources: readonly string[];
  readonly sinks: readonly string[];
  readonly topology: string;
  readonly executionPlan: string;
  readonly overriddenProperties: Readonly<Record<string, string>>;
  readonly ksqlHostQueryStatus: Readonly<Record<string, string>>;
  readonly queryType: QueryType;
  readonly queryErrors: readonly {
    readonly timestamp: number;
    readonly errorMessage: string;
    readonly type: 'SYSTEM' | 'USER' | 'UNKNOWN';
  }[];
  /** While it waits to go on after a failure. */
  readonly retry?: { readonly attempt: number; readonly timestamp: number };
  readonly tasksMetadata: readonly TaskMetadata[];
  readonly state: string;
  readonly consumerGroupId: string;
}

export interface QueryDescriptionEntity extends EntityBase {
  readonly '@type': 'queryDescription';
  readonly queryDescription: QueryDescription;
}

export interface QueryDescriptionsEntity extends EntityBase {
  readonly '@type': 'query_descriptions';
  readonly queryDescriptions: readonly QueryDescription[];
}

export interface TopicsList extends EntityBase {
  readonly '@type': 'kafka_topics' | 'kafka_topics_extended';
  readonly topics: readonly {
    readonly name: string;
    /** One entry a partition: its number of replicas. */
    readonly replicaInfo: readonly number[];
    readonly consumerCount?: number;
    readonly consumerGroupCount?: number;
  }[];
}

export interface FunctionNames extends EntityBase {
  readonly '@type': 'function_names';
  readonly functions: readonly { readonly name: string; readonly type: string; readonly category: string }[];
}

export interface FunctionDescription extends EntityBase {
  readonly '@type': 'describe_function';
  readonly name: string;
  readonly description: string;
  readonly author: string;
  readonly version: string;
  readonly path: string;
  readonly functions: readonly {
    readonly arguments: readonly {
      readonly name: string;
      readonly type: string;
      readonly description: string;
      readonly isVariadic: boolean;
    }[];
    readonly returnType: string;
    readonly description: string;
  }[];
  readonly type: string;
}

export interface PropertiesList extends EntityBase {
  readonly '@type': 'properties';
  readonly properties: readonly {
    readonly name: string;
    readonly scope: string;
    readonly value: string | null;
    readonly editable: boolean;
    readonly level: string;
  }[];
  readonly overwrittenProperties: readonly string[];
  readonly defaultProperties: readonly string[];
}

export interface TypeList extends EntityBase {
  readonly '@type': 'type_list';
  readonly types: Readonly<Record<string, FieldSchema>>;
}

export interface VariablesList extends EntityBase {
  readonly '@type': 'variables';
  readonly variables: readonly { readonly name: string; readonly value: string }[];
}

export interface TerminateQuery extends EntityBase {
  readonly '@type': 'terminate_query';
  readonly queryId: string;
  readonly wasTerminated: boolean;
}

export interface AssertTopic extends EntityBase {
  readonly '@type': 'assert_topic';
  readonly topicName: string;
  readonly exists: boolean;
}

export interface AssertSchema extends EntityBase {
  readonly '@type': 'assert_schema';
  readonly subject: string | null;
  readonly id: number | null;
  readonly exists: boolean;
}

export interface CreatedConnector extends EntityBase {
  readonly '@type': 'connector_info';
  readonly info: ConnectorInfo;
}

export interface DroppedConnector extends EntityBase {
  readonly '@type': 'drop_connector';
  readonly connectorName: string;
}

export interface ConnectorList extends EntityBase {
  readonly '@type': 'connector_list';
  readonly connectors: readonly {
    readonly name: string;
    readonly type: ConnectorType;
    readonly className: string | null;
    /** Of a connector that runs with its tasks: `RUNNING (2/3 tasks RUNNING)`. */
    readonly state: string | null;
  }[];
}

export interface ConnectorPluginsList extends EntityBase {
  readonly '@type': 'connector_plugins_list';
  readonly connectorsPlugins: readonly {
    readonly className: string;
    readonly type: string;
    readonly version: string;
  }[];
}

export interface ConnectorDescription extends EntityBase {
  readonly '@type': 'connector_description';
  readonly connectorClass: string;
  readonly status: ConnectorStatus;
  /** Streams and tables over its topics. */
  readonly sources: readonly SourceDescription[];
  readonly topics: readonly string[];
}

export interface WarningEntity extends EntityBase {
  readonly '@type': 'warning_entity';
  readonly message: string;
}
