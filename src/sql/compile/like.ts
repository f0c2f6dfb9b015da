/**
 * SQL LIKE: % any run of characters, _ any one, `escape` before either (or itself) takes it literally. Matches
 * greedily with one point to fall back to, so no pattern takes more than pattern x text steps (a regular
 * expression made of it could take exponentially many).
 */
export function likeMatcher(pattern: string, escapeCharacter?: string): (text: string) => boolean {
  const items: string[] = [];
  const wild: boolean[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const escaped = pattern[i] === escapeCharacter && i + 1 < pattern.length;
    if (escaped) i++;
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
        p++;
        t++;
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
