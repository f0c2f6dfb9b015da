/** JSON.rawJSON and the reviver's third argument (ECMAScript: JSON.parse source text access). */
interface ExactJson {
  rawJSON(text: string): object;
  isRawJSON(value: unknown): boolean;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
}
const { rawJSON, isRawJSON, parse } = JSON as unknown as ExactJson;

/**
 * JSON whose numbers JSON.stringify writes as they were: 1.0 stays 1.0, and a long beyond 2^53 keeps its digits. Such a
 * number is not of type `number`; `numberIn` takes both.
 */
export function parseExactJson(text: string): unknown {
  return parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && String(value) !== source ? rawJSON(source) : value,
  );
}

/** The number a parsed value is, rounded to a double; undefined for anything else. */
export function numberIn(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return isRawJSON(value) ? Number((value as { rawJSON: string }).rawJSON) : undefined;
}

/** The digits of a number that is a whole one; undefined for anything else. */
export function wholeNumberIn(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (!isRawJSON(value)) return undefined;
  const { rawJSON: source } = value as { rawJSON: string };
  return /^-?\d+$/.test(source) ? BigInt(source) : undefined;
}

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJSON(value);
}

/** The same for objects whose keys come in another order, and for 1 and 1.0. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(sorted(value));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonObject(value)) return exactNumber(value);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

function exactNumber(value: unknown): unknown {
  const number = numberIn(value);
  if (number === undefined) return value;
  const whole = wholeNumberIn(value);
  return whole !== undefined && !Number.isSafeInteger(number) ? value : number;
}
