/**
 * SQL LIKE: % any run of characters, _ any one (a code point), `escape` before either (or itself) takes it literally.
 * Matches greedily with one point to fall back to, so no pattern takes more than pattern x text steps (a regular
 * expression made of it could take exponentially many).
 */
export function likeMatcher(pattern: string, escapeCharacter?: string): (text: string) => boolean {
  const items: string[] = [];
  const wild: boolean[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const escaped = pattern[i] === escapeCharacter;
    if (escaped && ++i === pattern.length) return endsWithEscape;
    items.push(pattern[i]!);
    wild.push(!escaped && (pattern[i] === '%' || pattern[i] === '_'));
  }
  return (text) => {
    let p = 0;
    let t = 0;
    let fallbackPattern = -1;
    let fallbackText = 0;
    while (t < text.length) {
      if (wild[p] && items[p] === '%') {
        fallbackPattern = p++;
        fallbackText = t;
      } else if (p < items.length && (wild[p] || items[p] === text[t])) {
        t += wild[p++] ? codePointLength(text, t) : 1;
      } else if (fallbackPattern >= 0) {
        p = fallbackPattern + 1;
        t = ++fallbackText;
      } else {
        return false;
      }
    }
    while (wild[p] && items[p] === '%') p++;
    return p === items.length;
  };
}

/** ksqlDB finds out when it matches: the value is null, or the row left out. */
function endsWithEscape(): never {
  throw new RangeError(
    'The LIKE pattern ends with its escape character, which must stand before another one.',
  );
}

function codePointLength(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
}
