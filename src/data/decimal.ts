import type { SqlType } from './types.ts';

/** DECIMAL values are unscaled bigints; the scale belongs to the type. */
export interface DecimalType {
  readonly kind: 'DECIMAL';
  readonly precision: number;
  readonly scale: number;
}

/** Of a type that a schema from outside may ask for: a few letters there must not cost long calculations per value. */
export const MOST_DECIMAL_DIGITS = 1_000;

/** Those that values are scaled by, again and again. */
const POWERS: (bigint | undefined)[] = Array(MOST_DECIMAL_DIGITS + 1).fill(undefined);

export function powerOfTen(exponent: number): bigint {
  const known = POWERS[exponent];
  if (known !== undefined) return known;
  const power = 10n ** BigInt(exponent);
  if (exponent <= MOST_DECIMAL_DIGITS) POWERS[exponent] = power;
  return power;
}

/** Changes the scale; digits lost are rounded half up (away from zero), as BigDecimal's HALF_UP. */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (to >= from) return unscaled * powerOfTen(to - from);
  return divideHalfUp(unscaled, powerOfTen(from - to));
}

export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  const twice = 2n * (dividend % divisor);
  const atLeastHalf = abs(twice) >= abs(divisor);
  if (!atLeastHalf) return quotient;
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Throws RangeError when the value has more digits than the type allows. */
export function fitDecimal(unscaled: bigint, type: DecimalType): bigint {
  if (abs(unscaled) >= powerOfTen(type.precision)) {
    throw new RangeError(
      `Numeric field overflow: ${formatDecimal(unscaled, type.scale)} does not fit DECIMAL(${type.precision}, ${type.scale})`,
    );
  }
  return unscaled;
}

/** Plain digits with the full scale: `1.50`. */
export function formatDecimal(unscaled: bigint, scale: number): string {
  if (scale === 0) return unscaled.toString();
  const digits = abs(unscaled)
    .toString()
    .padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** A number in JSON's form as Java's BigDecimal shows it: plain as long as that needs no zeros, else `1.5E+10`. */
export function bigDecimalText(text: string): string {
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(
    text,
  )!;
  const scale = fraction.length - Number(exponent);
  const digits = `${whole}${fraction}`.replace(/^0+(?=\d)/, '');
  const minus = digits === '0' ? '' : sign;
  const leading = digits.length - 1 - scale;
  if (scale >= 0 && leading >= -6) {
    const padded = digits.padStart(scale + 1, '0');
    const point = padded.length - scale;
    return `${minus}${padded.slice(0, point)}${scale > 0 ? '.' : ''}${padded.slice(point)}`;
  }
  const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
  return `${minus}${mantissa}${leading === 0 ? '' : `E${leading > 0 ? '+' : ''}${leading}`}`;
}

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,5}))?$/;

/** Any decimal text as unscaled value and scale (never negative). Throws RangeError. */
export function parseDecimal(text: string): { unscaled: bigint; scale: number } {
  const match = DECIMAL.exec(text.trim());
  const whole = match?.[2] ?? '';
  const fraction = match?.[3] ?? '';
  if (match === null || whole + fraction === '') throw new RangeError(`'${text}' is not a number`);
  const exponent = Number(match[4] ?? 0);
  const unscaled = BigInt(whole + fraction) * (match[1] === '-' ? -1n : 1n);
  const scale = fraction.length - exponent;
  return scale >= 0 ? { unscaled, scale } : { unscaled: unscaled * powerOfTen(-scale), scale: 0 };
}

/** The type of a decimal number as it is written: `12.50` is a DECIMAL(4, 2). ksqlDB counts a digit before the point of a zero. */
export function decimalTypeOf({ unscaled, scale }: { unscaled: bigint; scale: number }): DecimalType {
  const digits = unscaled === 0n ? scale + 1 : abs(unscaled).toString().length;
  return { kind: 'DECIMAL', precision: Math.max(digits, scale), scale };
}

/** Text to the type's scale, rounded half up. Throws RangeError when it is no number or does not fit. */
export function decimalFromText(text: string, type: DecimalType): bigint {
  const { unscaled, scale } = parseDecimal(text);
  return fitDecimal(rescale(unscaled, scale, type.scale), type);
}

/**
 * The exact value of a double rounded half up, twice as ksqlDB's `new BigDecimal(double, MathContext(precision))` and
 * `setScale` do: to as many digits as the type has, then to its scale.
 */
export function decimalFromDouble(value: number, type: DecimalType): bigint {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is not a DECIMAL`);
  const { unscaled, scale } = exactDecimal(value);
  const surplus = abs(unscaled).toString().length - type.precision;
  const digits = surplus > 0 ? divideHalfUp(unscaled, powerOfTen(surplus)) : unscaled;
  const place = surplus > 0 ? scale - surplus : scale;
  return place < 0
    ? fitDecimal(digits * powerOfTen(type.scale - place), type)
    : fitDecimal(rescale(digits, place, type.scale), type);
}

/** m x 2^-n is m x 5^n x 10^-n. */
function exactDecimal(value: number): { unscaled: bigint; scale: number } {
  let [mantissa, scale] = [value, 0];
  for (; !Number.isInteger(mantissa); scale++) mantissa *= 2;
  return { unscaled: BigInt(mantissa) * 5n ** BigInt(scale), scale };
}

export function decimalToDouble(unscaled: bigint, scale: number): number {
  return Number(formatDecimal(unscaled, scale));
}

/** The decimal type that holds every value of an exact numeric type. */
export function asDecimalType(type: SqlType): DecimalType | undefined {
  switch (type.kind) {
    case 'DECIMAL':
      return type;
    case 'INTEGER':
      return { kind: 'DECIMAL', precision: 10, scale: 0 };
    case 'BIGINT':
      return { kind: 'DECIMAL', precision: 19, scale: 0 };
    default:
      return undefined;
  }
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

/** Result types as SQL Server defines them; ksqlDB does the same, without SQL Server's cap of 38 digits. */
export function decimalResultType(operator: ArithmeticOperator, a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  switch (operator) {
    case '+':
    case '-':
      return { kind: 'DECIMAL', precision: scale + whole + 1, scale };
    case '*':
      return { kind: 'DECIMAL', precision: a.precision + b.precision + 1, scale: a.scale + b.scale };
    case '/': {
      const quotientScale = Math.max(6, a.scale + b.precision + 1);
      return {
        kind: 'DECIMAL',
        precision: a.precision - a.scale + b.scale + quotientScale,
        scale: quotientScale,
      };
    }
    case '%':
      return {
        kind: 'DECIMAL',
        precision: Math.min(a.precision - a.scale, b.precision - b.scale) + scale,
        scale,
      };
  }
}

/** `a operator b`, both unscaled with their scales, as an unscaled value of `scale`. */
export function decimalArithmetic(
  operator: ArithmeticOperator,
  a: bigint,
  scaleA: number,
  b: bigint,
  scaleB: number,
  scale: number,
): bigint {
  switch (operator) {
    case '+':
      return rescale(a, scaleA, scale) + rescale(b, scaleB, scale);
    case '-':
      return rescale(a, scaleA, scale) - rescale(b, scaleB, scale);
    case '*':
      return rescale(a * b, scaleA + scaleB, scale);
    case '/':
      if (b === 0n) throw new RangeError('division by zero');
      // a / 10^sA / (b / 10^sB) * 10^scale, one rounding at the end.
      return divideHalfUp(a * powerOfTen(scale + scaleB), b * powerOfTen(scaleA));
    case '%':
      if (b === 0n) throw new RangeError('division by zero');
      return rescale(a, scaleA, scale) % rescale(b, scaleB, scale);
  }
}
