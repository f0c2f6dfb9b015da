import { BAD_REQUEST, KsqlError } from '../engine/service/ksql-error.ts';
import type { SqlService } from '../engine/service/sql-service.ts';

/** For a client that goes from one server to another: what it was told at the one is to be in force at the other. */
export async function awaitCommand(sql: SqlService, body: Record<string, unknown>): Promise<void> {
  const sequence = body.commandSequenceNumber;
  if (sequence === undefined || sequence === null) return;
  if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence))
    throw new KsqlError(BAD_REQUEST, 'The field "commandSequenceNumber" must be a whole number.');
  await sql.awaitCommand(sequence);
}

/** A text field of a JSON request body that must be there. */
export function requiredText(body: Record<string, unknown>, field: string): string {
  const value = body[field];
  if (typeof value !== 'string')
    throw new KsqlError(BAD_REQUEST, `The request needs a text field "${field}".`);
  return value;
}

/** A list of texts; empty when it is not there. */
export function textList(body: Record<string, unknown>, field: string): string[] {
  const value = body[field] ?? [];
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string'))
    throw new KsqlError(BAD_REQUEST, `The field "${field}" must be a list of texts.`);
  return value;
}

/** A map of texts; numbers and booleans are taken as their text, as clients send them both ways. */
export function textMap(body: Record<string, unknown>, field: string): Record<string, string> {
  const value = body[field];
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new KsqlError(BAD_REQUEST, `The field "${field}" must be an object.`);
  const texts: [string, string][] = [];
  for (const [name, entry] of Object.entries(value)) {
    if (entry === null) continue;
    if (typeof entry === 'object')
      throw new KsqlError(
        BAD_REQUEST,
        `The entry "${name}" of "${field}" must be a text, number or boolean.`,
      );
    texts.push([name, String(entry)]);
  }
  return Object.fromEntries(texts);
}
