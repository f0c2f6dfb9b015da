/** Names of Kafka's error table; the broker turns them into its numbers. */
export type LogErrorCode =
  | 'CORRUPT_MESSAGE'
  | 'INVALID_PRODUCER_EPOCH'
  | 'INVALID_RECORD'
  | 'INVALID_TIMESTAMP'
  | 'INVALID_TXN_STATE'
  | 'KAFKA_STORAGE_ERROR'
  | 'MESSAGE_TOO_LARGE'
  | 'OFFSET_OUT_OF_RANGE'
  | 'OUT_OF_ORDER_SEQUENCE_NUMBER'
  | 'RECORD_LIST_TOO_LARGE'
  | 'TRANSACTION_COORDINATOR_FENCED'
  | 'UNKNOWN_TOPIC_OR_PARTITION';

/** One record of a batch, by its place there, and what is wrong with it. */
export interface RecordFault {
  readonly index: number;
  readonly message: string;
}

/** A refusal by the log: of a request, or of a partition that cannot be trusted. */
export class LogError extends Error {
  readonly code: LogErrorCode;
  /** The records that made the log refuse their batch, where it looked at single ones. */
  readonly records: readonly RecordFault[];

  constructor(
    code: LogErrorCode,
    message: string,
    { records = [], ...options }: ErrorOptions & { readonly records?: readonly RecordFault[] } = {},
  ) {
    super(message, options);
    this.name = 'LogError';
    this.code = code;
    this.records = records;
  }
}
