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

/** The instant at which a zone's clocks show `localMs`. */
export function zonedToUtc(localMs: number, zone: string): number {
  // The offset is asked at the guessed instant and once more at the corrected one, which settles all but the
  // hour that does not exist in spring.
  const first = localMs - offsetOfZone(zone, localMs);
  return localMs - offsetOfZone(zone, first);
}

function fixedOffset(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'UTC' || zone === 'GMT') return 0;
  const match = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(zone);
  if (match === null) return undefined;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) * 60_000;
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
