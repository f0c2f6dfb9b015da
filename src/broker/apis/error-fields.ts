import { type ErrorName, errorByName, errorCode } from '../../protocol/errors.ts';
import { TopicError } from '../../topics/topics.ts';

/** The two fields most answers carry; success has no message. */
export function errorFields(error: ErrorName, message: string | null = null) {
  const text = error === 'NONE' ? null : (message ?? errorByName(error).message);
  return { errorCode: errorCode(error), errorMessage: text };
}

/** The error a failed coordinator answers with; anything but a TopicError is a bug and goes on. */
export function coordinatorError(error: unknown): number {
  if (error instanceof TopicError) return errorByName(error.code).code;
  throw error;
}
