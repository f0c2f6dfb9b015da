/** What the first of `offers` is that an Accept header takes, by its weights; undefined when none is. */
export function negotiate<Offer extends string>(
  accept: string | null | undefined,
  offers: readonly Offer[],
): Offer | undefined {
  if (!accept?.trim()) return offers[0];
  const ranges = accept.split(',').map(parseRange);
  let best: { readonly offer: Offer; readonly weight: number } | undefined;
  for (const offer of offers) {
    const weight = weightOf(offer, ranges);
    if (weight > (best?.weight ?? 0)) best = { offer, weight };
  }
  return best?.offer;
}

interface MediaRange {
  readonly type: string;
  readonly weight: number;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = q === undefined ? 1 : Number(q.slice(2));
  return { type, weight: Number.isFinite(weight) ? weight : 0 };
}

/** RFC 9110 section 12.5.1: the most specific range that matches decides. */
function weightOf(offer: string, ranges: readonly MediaRange[]): number {
  const group = `${offer.split('/')[0]}/*`;
  for (const pattern of [offer, group, '*/*']) {
    const range = ranges.find(({ type }) => type === pattern);
    if (range) return range.weight;
  }
  return 0;
}
