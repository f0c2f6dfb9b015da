/**
 * Puts `rows` into `parent` in this order; rows that change places slide there, new ones fade in.
 * (First, last, invert, play: the move is drawn as a transform from the old place, so layout happens once.)
 */
export function slideRows(parent: HTMLElement, rows: readonly HTMLElement[]): void {
  const before = new Map<Element, number>();
  for (const child of parent.children) before.set(child, child.getBoundingClientRect().top);
  const same =
    rows.length === parent.children.length && rows.every((row, index) => parent.children[index] === row);
  if (same) return;
  parent.replaceChildren(...rows);
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  if (still) return;
  for (const row of rows) {
    const from = before.get(row);
    if (from === undefined) {
      row.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 300 });
      continue;
    }
    const distance = from - row.getBoundingClientRect().top;
    if (distance === 0) continue;
    row.animate([{ transform: `translateY(${distance}px)` }, { transform: 'none' }], {
      duration: 450,
      easing: 'cubic-bezier(0.2, 0.8, 0.2, 1)',
    });
  }
}
