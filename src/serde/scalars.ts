import { type DecimalType, fitDecimal, parseDecimal, powerOfTen } from '../data/decimal.ts';
import { parseDouble } from '../data/java-double.ts';
import { type Long, parseInteger, parseLong } from '../data/long.ts';
import { SerdeError } from './format.ts';

// Digits beyond these fit no column; big integers of hostile length cost more than linear time.
const LONGEST_NUMBER = 1_000;

/** Turns the RangeErrors of data/ into the error of a record that does not fit its schema. */
function parsed<T>(text: string, parse: (text: string) => T): T {
  if (text.length > LONGEST_NUMBER) throw new SerdeError('number too long');
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof RangeError) throw new SerdeError(error.message);
    throw error;
  }
}

/** The unscaled value of a decimal's text; precision and scale must hold it exactly. */
export function decimalOfText(text: string, type: DecimalType): bigint {
  return parsed(text, () => {
    const { unscaled, scale } = parseDecimal(text);
    if (scale <= type.scale) return fitDecimal(unscaled * powerOfTen(type.scale - scale), type);
    const divisor = powerOfTen(scale - type.scale);
    if (unscaled % divisor !== 0n) throw new RangeError(`'${text}' has more than ${type.scale} decimals`);
    return fitDecimal(unscaled / divisor, type);
  });
}

export function integerOfText(text: string): number {
  return parsed(text, parseInteger);
}

export function longOfText(text: string): Long {
  return parsed(text, parseLong);
}

export function doubleOfText(text: string): number {
  return parsed(text, parseDouble);
}

/** A number's text, its fraction cut off: `1.9` is 1, `-12e1` is -120. */
export function truncatedLong(text: string): Long {
  const { unscaled, scale } = parsed(text, parseDecimal);
  return longOfText(`${unscaled / powerOfTen(scale)}`);
}

/** As {@link truncatedLong} for INTEGER. */
export function truncatedInteger(value: number): number {
  const whole = Math.trunc(value) + 0;
  if (whole !== (whole | 0)) throw new SerdeError(`${value} is beyond INTEGER`);
  return whole;
}
