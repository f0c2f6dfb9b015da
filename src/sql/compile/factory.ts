const MOST_FACTORIES = 1_000;
const factories = new Map<string, (...constants: readonly unknown[]) => unknown>();

/**
 * A function that makes functions of this source; the same one for the same source.
 *
 * Functions made by one factory are one to V8: what it learns in one it uses in all. A thousand queries of the same shape
 * so run optimised after the first few have.
 */
export function factory(
  names: readonly string[],
  source: string,
): (...constants: readonly unknown[]) => unknown {
  recorded?.push(source);
  const key = `${names.join()} ${source}`;
  let known = factories.get(key);
  if (known === undefined) {
    known = new Function(...names, source) as (...constants: readonly unknown[]) => unknown;
    if (factories.size >= MOST_FACTORIES) factories.clear();
    factories.set(key, known);
  }
  return known;
}

let recorded: string[] | undefined;

/** The sources of all functions that are made while `make` runs. */
export function recordSources(make: () => unknown): readonly string[] {
  const sources: string[] = [];
  recorded = sources;
  try {
    make();
  } finally {
    recorded = undefined;
  }
  return sources;
}
