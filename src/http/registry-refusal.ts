import { FORBIDDEN, KsqlError } from '../engine/service/ksql-error.ts';
import { SchemaRegistryError } from '../serde/schema-registry.ts';
import type { Refusal, RefusalOptions } from './refusal.ts';

export const REGISTRY_JSON = 'application/vnd.schemaregistry.v1+json';

const DENIED = 40301;
const SERVER_ERROR = 50001;

/** An error as the registry's clients read it: `{"error_code", "message"}`, the code's first three digits the status. */
export function registryRefusal(
  error: unknown,
  path: string,
  { logger, allowOrigin }: RefusalOptions,
): Refusal {
  const { code, message } = answerOf(error);
  if (code >= 50000)
    logger.error('a request failed for a reason of the server', {
      path,
      stack: error instanceof Error ? error.stack : String(error),
    });
  const status = code < 1000 ? code : Math.floor(code / 100);
  const headers: Record<string, string> = { 'content-type': REGISTRY_JSON };
  if (allowOrigin) headers['access-control-allow-origin'] = allowOrigin;
  if (status === 401) headers['www-authenticate'] = 'Basic realm="millrace"';
  return { status, headers, body: JSON.stringify({ error_code: code, message }) };
}

function answerOf(error: unknown): { readonly code: number; readonly message: string } {
  if (error instanceof SchemaRegistryError) return error;
  // Of the request: too large, too slow, not JSON, of nobody we know, of a foreign page.
  if (error instanceof KsqlError)
    return {
      code: error.code === FORBIDDEN ? DENIED : Math.floor(error.code / 100),
      message: error.message,
    };
  const message = error instanceof Error ? error.message : String(error);
  return { code: SERVER_ERROR, message };
}
