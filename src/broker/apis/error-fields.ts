import { LogError } from '../../log/log-error.ts';
import { type ErrorName, errorByName, errorCode } from '../../protocol/errors.ts';
import { TopicError } from '../../topics/topics.ts';

/** The two fields most answers carry; success has no message. */
export function errorFields(error: ErrorName, message: string | null = null) {
  const text = error === 'NONE' ? null : (message ?? errorByName(error).message);
  return { errorCode: errorCode(error), errorMessage: text };
}

/**
 * The error a failed coordinator answers with; anything else is a bug and goes on. What a log refuses is none of the
 * client's doing: a marker that cannot be written now will be, when the partition is opened anew.
 */
export function coordinatorError(error: unknown): number {
  if (error instanceof LogError) return errorCode('COORDINATOR_NOT_AVAILABLE');
  if (error instanceof TopicError) return errorByName(error.code).code;
  throw error;
}
