import { toRadians } from './math.ts';
import { type ScalarFunction, scalar } from './scalar.ts';

/** Mean radius of the Earth. */
const KILOMETRES = 6371;
const MILES = 3959;
/** By all names that units have; none at all means kilometres. */
const RADIUS: ReadonlyMap<string, number> = new Map([
  ...unitsOf(KILOMETRES, '', 'km', 'kilometer', 'kilometers', 'kilometre', 'kilometres'),
  ...unitsOf(MILES, 'mi', 'mile', 'miles'),
]);

function unitsOf(radius: number, ...names: string[]): [string, number][] {
  return names.map((name) => [name, radius]);
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
function distance(lat1: number, lon1: number, lat2: number, lon2: number, unit = ''): number {
  for (const latitude of [lat1, lat2]) check('latitude', latitude, 90);
  for (const longitude of [lon1, lon2]) check('longitude', longitude, 180);
  const radius = RADIUS.get(unit.trim().toLowerCase());
  if (radius === undefined) throw new RangeError(`Unknown unit '${unit}': use KM or MILES`);
  const square =
    haversine(toRadians(lat2 - lat1)) +
    haversine(toRadians(lon2 - lon1)) * Math.cos(toRadians(lat1)) * Math.cos(toRadians(lat2));
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
