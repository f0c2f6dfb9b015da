import { isArray, isObject, type Json, JsonDouble, JsonNumber, writeJson } from './json-text.ts';

export interface Comparison {
  /** Doubles that differ by less than a millionth are the same. */
  readonly loose: boolean;
}

/** Where and how `actual` is not what was expected; undefined when it is. */
export function difference(
  expected: Json,
  actual: Json,
  comparison: Comparison,
  at = '',
): string | undefined {
  if (isObject(expected) && isObject(actual)) return objectDifference(expected, actual, comparison, at);
  if (isArray(expected) && isArray(actual)) {
    if (expected.length !== actual.length) return describe(expected, actual, at);
    return firstOf(expected, (item, index) =>
      difference(item, actual[index] as Json, comparison, `${at}[${index}]`),
    );
  }
  return isSameScalar(expected, actual, comparison) ? undefined : describe(expected, actual, at);
}

/** Fields are found by their name, else by their upper-cased name. A missing one is a null. */
function objectDifference(
  expected: { readonly [name: string]: Json },
  actual: { readonly [name: string]: Json },
  comparison: Comparison,
  at: string,
): string | undefined {
  if (Object.keys(expected).length !== Object.keys(actual).length) return describe(expected, actual, at);
  return firstOf(Object.entries(expected), ([name, value]) => {
    const found = name in actual ? actual[name] : actual[name.toUpperCase()];
    return difference(value, found ?? null, comparison, `${at}.${name}`);
  });
}

function isSameScalar(expected: Json, actual: Json, { loose }: Comparison): boolean {
  if (expected instanceof JsonNumber && actual instanceof JsonNumber)
    return isSameNumber(expected.text, actual.text, loose || actual instanceof JsonDouble);
  // A DECIMAL may be expected as text.
  if (typeof expected === 'string' && actual instanceof JsonNumber) return expected === actual.text;
  return expected === actual;
}

function isSameNumber(expected: string, actual: string, loose: boolean): boolean {
  const wanted = decimal(expected);
  const found = decimal(actual);
  if (isInteger(actual)) return truncated(wanted) === found.unscaled;
  if (loose) return Math.abs(Number(expected) - Number(actual)) < 1e-6;
  if (isInteger(expected)) return found.scale <= 0 && truncated(found) === wanted.unscaled;
  return wanted.unscaled === found.unscaled && wanted.scale === found.scale;
}

interface Decimal {
  readonly unscaled: bigint;
  readonly scale: number;
}

/** As Java reads a BigDecimal: 1.0 is 10 at scale 1, 1.0E3 is 10 at scale -2. */
function decimal(text: string): Decimal {
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  return {
    unscaled: BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n),
    scale: fraction.length - Number(exponent),
  };
}

function truncated({ unscaled, scale }: Decimal): bigint {
  return scale <= 0 ? unscaled * 10n ** BigInt(-scale) : unscaled / 10n ** BigInt(scale);
}

function isInteger(text: string): boolean {
  return /^-?\d+$/.test(text);
}

function describe(expected: Json, actual: Json, at: string): string {
  return `${at || 'value'}: expected ${writeJson(expected)}, got ${writeJson(actual)}`;
}

function firstOf<Item>(
  items: readonly Item[],
  check: (item: Item, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = check(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}
