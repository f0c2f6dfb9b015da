/**
 * DOUBLE text as Java's Double.toString: plain from 10^-3 up to 10^7 with at least one digit after the point,
 * otherwise one digit, a point and an exponent (`1.0E10`). ksqlDB prints and casts doubles this way.
 */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Infinity) return 'Infinity';
  if (value === -Infinity) return '-Infinity';
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (magnitude === 0) return `${sign}0.0`;
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    const text = String(magnitude);
    return text.includes('.') ? sign + text : `${sign}${text}.0`;
  }
  // JavaScript and Java (from 19 on) agree on the shortest digits that read back as the same double.
  const [digits, exponent] = magnitude.toExponential().split('e') as [string, string];
  const mantissa = digits.includes('.') ? digits : `${digits}.0`;
  return `${sign}${mantissa}E${Number(exponent)}`;
}

const DOUBLE = /^[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?)$/;

/** As Java's Double.parseDouble (decimal forms). Throws RangeError. */
export function parseDouble(text: string): number {
  const trimmed = text.trim();
  if (!DOUBLE.test(trimmed)) throw new RangeError(`'${text}' is not a number`);
  return Number(trimmed.replace(/[dDfF]$/, ''));
}
