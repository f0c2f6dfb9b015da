import { type ScalarFunction, scalar } from './scalar.ts';

/** Mean radius of the Earth. */
const RADIUS: Readonly<Record<string, number>> = { KM: 6371, MILES: 3959 };

function radians(degrees: number): number {
  return (degrees / 180) * Math.PI;
}

function haversine(angle: number): number {
  const sine = Math.sin(angle / 2);
  return sine * sine;
}

function check(what: string, degrees: number, limit: number): void {
  if (!(Math.abs(degrees) <= limit))
    throw new RangeError(`${what} ${degrees} is not within ±${limit} degrees`);
}

/** Great-circle distance on a sphere. */
function distance(lat1: number, lon1: number, lat2: number, lon2: number, unit = 'KM'): number {
  for (const latitude of [lat1, lat2]) check('latitude', latitude, 90);
  for (const longitude of [lon1, lon2]) check('longitude', longitude, 180);
  const radius = RADIUS[unit.toUpperCase()];
  if (radius === undefined) throw new RangeError(`Unknown unit '${unit}': use KM or MILES`);
  const square =
    haversine(radians(lat2 - lat1)) +
    haversine(radians(lon2 - lon1)) * Math.cos(radians(lat1)) * Math.cos(radians(lat2));
  return radius * 2 * Math.asin(Math.sqrt(square));
}

export const GEO_FUNCTIONS: readonly ScalarFunction[] = [
  scalar(
    'GEO_DISTANCE',
    'OTHER',
    'Distance between two points given by latitude and longitude in degrees, in KM or MILES.',
    [
      ['DOUBLE, DOUBLE, DOUBLE, DOUBLE -> DOUBLE', () => distance],
      ['DOUBLE, DOUBLE, DOUBLE, DOUBLE, STRING -> DOUBLE', () => distance],
    ],
  ),
];
