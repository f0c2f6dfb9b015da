import type { TestLogEntry } from './test-types.ts';

interface LogRecord {
  readonly logger: string;
  readonly message: Readonly<Record<string, unknown>>;
}

/** Reads the value of a record of the processing log. */
export function logEntry(text: string): TestLogEntry {
  const { logger, message } = JSON.parse(text) as LogRecord;
  type Body = Omit<TestLogEntry, 'logger' | 'message'> & { readonly errorMessage: string };
  const { errorMessage, topic, partition, offset } = (message.deserializationError ??
    message.recordProcessingError) as Body;
  return { logger, message: errorMessage, topic, partition, offset };
}
