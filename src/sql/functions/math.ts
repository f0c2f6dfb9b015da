import { type DecimalType, powerOfTen } from '../../data/decimal.ts';
import { doubleToLong, type Long, negateLong, normalizeLong } from '../../data/long.ts';
import { type Bound, type ScalarFunction, scalar } from './scalar.ts';

const CATEGORY = 'MATHEMATICAL';
/** Java's constants, to the last digit. */
const DEGREES_PER_RADIAN = 57.29577951308232;
const RADIANS_PER_DEGREE = 0.017453292519943295;

export function toRadians(degrees: number): number {
  return degrees * RADIANS_PER_DEGREE;
}

const DOUBLE_ONLY: readonly [name: string, description: string, compute: (x: number) => number][] = [
  ['EXP', 'e to the power of the argument.', Math.exp],
  ['LN', 'Natural logarithm.', Math.log],
  ['SQRT', 'Square root.', Math.sqrt],
  ['CBRT', 'Cube root.', Math.cbrt],
  ['SIN', 'Sine of an angle in radians.', Math.sin],
  ['COS', 'Cosine of an angle in radians.', Math.cos],
  ['TAN', 'Tangent of an angle in radians.', Math.tan],
  ['COT', 'Cotangent of an angle in radians.', (x) => 1 / Math.tan(x)],
  ['ASIN', 'Inverse sine, in radians.', Math.asin],
  ['ACOS', 'Inverse cosine, in radians.', Math.acos],
  ['ATAN', 'Inverse tangent, in radians.', Math.atan],
  ['SINH', 'Hyperbolic sine.', Math.sinh],
  ['COSH', 'Hyperbolic cosine.', Math.cosh],
  ['TANH', 'Hyperbolic tangent.', Math.tanh],
  ['DEGREES', 'Radians to degrees.', (x) => x * DEGREES_PER_RADIAN],
  ['RADIANS', 'Degrees to radians.', toRadians],
];

/** No number to the bases that no power leads away from. */
function logarithm(base: number, x: number): number {
  return base <= 0 || base === 1 ? Number.NaN : Math.log(x) / Math.log(base);
}

function decimalOf(bound: Bound): DecimalType {
  return bound.argTypes[0] as DecimalType;
}

function floorDivide(a: bigint, b: bigint): bigint {
  return a < 0n && a % b !== 0n ? a / b - 1n : a / b;
}

/** Half goes towards positive infinity. `x + 0.5` itself would round: just below a half, and beyond 2^52. */
function nearest(x: number): number {
  const floor = Math.floor(x);
  return x - floor >= 0.5 ? floor + 1 : floor;
}

/** Java's Math.round. */
function roundHalfUp(x: number): Long {
  return doubleToLong(nearest(x));
}

/** Scales by text, so that 2.675 means what was written and not its binary neighbour. */
function atScale(x: number, places: number, step: (scaled: number) => number): number {
  if (!Number.isFinite(x)) return x;
  const text = String(x);
  const fraction = /^-?\d+\.(\d+)$/.exec(text)?.[1];
  // Nothing to cut; and so many digits may not survive being scaled up and down.
  if (fraction !== undefined && fraction.length <= places) return x;
  const scaled = Number(`${text}e${places}`);
  const shifted = Number.isFinite(scaled) ? scaled : x * 10 ** places;
  return step(shifted) / 10 ** places;
}

/** How many units are nearest to `x`; half goes towards positive infinity here too. */
function nearestMultiple(x: bigint, unit: bigint): bigint {
  return floorDivide(2n * x + unit, 2n * unit);
}

/** Negative places round to tens, hundreds ...; the type keeps its scale. */
function decimalAt(unscaled: bigint, scale: number, places: number, cut: boolean): bigint {
  if (places >= scale) return unscaled;
  const unit = powerOfTen(scale - places);
  return (cut ? unscaled / unit : nearestMultiple(unscaled, unit)) * unit;
}

const WHOLE = (types: readonly { kind: string }[]) => {
  const { precision, scale } = types[0] as DecimalType;
  return { kind: 'DECIMAL', precision: Math.max(1, precision - scale), scale: 0 } as const;
};

export const MATH_FUNCTIONS: readonly ScalarFunction[] = [
  ...DOUBLE_ONLY.map(([name, description, compute]) =>
    scalar(name, CATEGORY, description, [['DOUBLE -> DOUBLE', () => compute]]),
  ),
  scalar('ATAN2', CATEGORY, 'Angle of the point (x, y), given y first.', [
    ['DOUBLE, DOUBLE -> DOUBLE', () => Math.atan2],
  ]),
  scalar('POWER', CATEGORY, 'The first argument to the power of the second.', [
    ['DOUBLE, DOUBLE -> DOUBLE', () => Math.pow],
  ]),
  scalar(
    'LOG',
    CATEGORY,
    'Natural logarithm, or the logarithm of the second argument to the base of the first.',
    [
      ['DOUBLE -> DOUBLE', () => Math.log],
      ['DOUBLE, DOUBLE -> DOUBLE', () => logarithm],
    ],
  ),
  scalar('PI', CATEGORY, 'The number pi.', [['-> DOUBLE', () => () => Math.PI]]),
  scalar('RANDOM', CATEGORY, 'A random number from 0 up to, not including, 1.', [
    [
      '-> DOUBLE',
      ({ effects }) =>
        () =>
          effects.random(),
    ],
  ]),
  scalar('ABS', CATEGORY, 'Absolute value.', [
    ['INTEGER -> INTEGER', () => (x: number) => Math.abs(x) | 0],
    ['BIGINT -> BIGINT', () => (x: Long) => (x < 0 ? negateLong(x) : x)],
    ['DECIMAL -> DECIMAL', () => (x: bigint) => (x < 0n ? -x : x)],
    ['DOUBLE -> DOUBLE', () => Math.abs],
  ]),
  scalar('SIGN', CATEGORY, '-1, 0 or 1 by the sign of the argument.', [
    ['INTEGER -> INTEGER', () => Math.sign],
    ['BIGINT -> INTEGER', () => (x: Long) => (x > 0 ? 1 : x < 0 ? -1 : 0)],
    ['DOUBLE -> INTEGER', () => (x: number) => Math.sign(x) + 0],
  ]),
  scalar('FLOOR', CATEGORY, 'The largest whole number not above the argument.', [
    ['INTEGER -> INTEGER', () => (x: number) => x],
    ['BIGINT -> BIGINT', () => (x: Long) => x],
    ['DECIMAL -> DECIMAL', (bound) => decimalStep(bound, floorDivide)],
    ['DOUBLE -> DOUBLE', () => Math.floor],
  ]),
  scalar('CEIL', CATEGORY, 'The smallest whole number not below the argument.', [
    ['INTEGER -> INTEGER', () => (x: number) => x],
    ['BIGINT -> BIGINT', () => (x: Long) => x],
    ['DECIMAL -> DECIMAL', (bound) => decimalStep(bound, (x, unit) => -floorDivide(-x, unit))],
    ['DOUBLE -> DOUBLE', () => Math.ceil],
  ]),
  scalar('ROUND', CATEGORY, 'Rounds to a whole number or to so many decimal places; half goes up.', [
    ['BIGINT -> BIGINT', () => (x: Long) => x],
    ['DOUBLE -> BIGINT', () => roundHalfUp],
    [
      'DECIMAL -> DECIMAL',
      (bound) => (x: bigint) => nearestMultiple(x, powerOfTen(decimalOf(bound).scale)),
      WHOLE,
    ],
    [
      'BIGINT, INTEGER -> BIGINT',
      () => (x: Long, places: number) => normalizeLong(decimalAt(BigInt(x), 0, places, false)),
    ],
    ['DOUBLE, INTEGER -> DOUBLE', () => (x: number, places: number) => atScale(x, places, nearest)],
    [
      'DECIMAL, INTEGER -> DECIMAL',
      (bound) => (x: bigint, places: number) => decimalAt(x, decimalOf(bound).scale, places, false),
    ],
  ]),
  scalar('TRUNC', CATEGORY, 'Cuts off after the point or after so many decimal places.', [
    ['BIGINT -> BIGINT', () => (x: Long) => x],
    ['DOUBLE -> BIGINT', () => doubleToLong],
    ['DECIMAL -> DECIMAL', (bound) => (x: bigint) => x / powerOfTen(decimalOf(bound).scale), WHOLE],
    [
      'BIGINT, INTEGER -> BIGINT',
      () => (x: Long, places: number) => normalizeLong(decimalAt(BigInt(x), 0, places, true)),
    ],
    ['DOUBLE, INTEGER -> DOUBLE', () => (x: number, places: number) => atScale(x, places, Math.trunc)],
    [
      'DECIMAL, INTEGER -> DECIMAL',
      (bound) => (x: bigint, places: number) => decimalAt(x, decimalOf(bound).scale, places, true),
    ],
  ]),
];

function decimalStep(bound: Bound, step: (x: bigint, unit: bigint) => bigint): (x: bigint) => bigint {
  const unit = powerOfTen(decimalOf(bound).scale);
  return (x) => step(x, unit) * unit;
}
