import { LogError } from '../log/log-error.ts';
import { TopicError } from '../topics/topics.ts';

/** The port speaks TopicError; codes are the same. */
export async function asTopicError<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof LogError) throw new TopicError(error.code, error.message);
    throw error;
  }
}
