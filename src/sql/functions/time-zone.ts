const formats = new Map<string, Intl.DateTimeFormat>();

/** How far a zone's clocks are ahead of UTC at an instant. Zones: UTC, Z, +01:00, GMT+1, Europe/Berlin. */
export function offsetOfZone(zone: string, ms: number): number {
  const fixed = fixedOffset(zone);
  if (fixed !== undefined) return fixed;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(ms)
      .map((part) => [part.type, Number(part.value)]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour') % 24,
    part('minute'),
    part('second'),
  );
  return local - Math.floor(ms / 1000) * 1000;
}

const DAY_MS = 86_400_000;

/**
 * The instant at which a zone's clocks show `localMs`. Of the two in autumn it is the later one; of those that do not exist in
 * spring, what the clocks show that were not set forward.
 */
export function zonedToUtc(localMs: number, zone: string): number {
  const before = offsetOfZone(zone, localMs - DAY_MS);
  const after = offsetOfZone(zone, localMs + DAY_MS);
  const isAfter = before !== after && offsetOfZone(zone, localMs - after) === after;
  return localMs - (isAfter ? after : before);
}

function fixedOffset(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'UTC' || zone === 'GMT' || zone === 'UT') return 0;
  const match = /^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?$/.exec(zone);
  if (match === null) return undefined;
  const [, sign, hours, minutes = 0, seconds = 0] = match;
  return (sign === '-' ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

/** What people call the clocks of a place; Java too takes them for the place, whatever the season. */
const PLACES: Readonly<Record<string, string>> = {
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  MST: 'America/Denver',
  MDT: 'America/Denver',
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  EST: 'America/New_York',
  EDT: 'America/New_York',
  AKST: 'America/Anchorage',
  AKDT: 'America/Anchorage',
  HST: 'Pacific/Honolulu',
  BST: 'Europe/London',
  WEST: 'Europe/Lisbon',
  CEST: 'Europe/Paris',
  EEST: 'Europe/Bucharest',
  MSK: 'Europe/Moscow',
  IST: 'Asia/Kolkata',
  JST: 'Asia/Tokyo',
  KST: 'Asia/Seoul',
  AEST: 'Australia/Sydney',
  AEDT: 'Australia/Sydney',
  NZST: 'Pacific/Auckland',
  NZDT: 'Pacific/Auckland',
};

/** A zone that a text names, as `offsetOfZone` knows it. */
export function zoneOfName(name: string): string {
  return PLACES[name.toUpperCase()] ?? name;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const options = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  } as const;
  // Throws RangeError for a zone that does not exist; only zones that do exist are kept.
  const format = new Intl.DateTimeFormat('en-US', { ...options, hourCycle: 'h23', timeZone: zone });
  formats.set(zone, format);
  return format;
}

/** Names such as PDT and BST are local knowledge: each of these knows those of its part of the world. */
const LOCALES = ['en-US', 'en-GB', 'en-AU', 'en-IN', 'en-ZA'];

/** PDT or Pacific Daylight Time; a zone whose name nobody knows is shown by its offset. */
export function zoneName(zone: string, ms: number, length: 'short' | 'long'): string {
  if (fixedOffset(zone) !== undefined) return zone;
  const names = LOCALES.map((locale) => {
    const format = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: length });
    return format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? zone;
  });
  return names.find((name) => !/^GMT[+-]/.test(name)) ?? names[0]!;
}
