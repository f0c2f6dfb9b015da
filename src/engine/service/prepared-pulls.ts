import type { Row } from '../../data/schema.ts';
import type { PlannedOf, PullShape } from '../../sql/planned.ts';

type Pull = PlannedOf<'pull'>;

/** A text whose only literal is the key that it asks for, with the literal taken out. */
interface KeyText {
  readonly frame: string;
  readonly key: string | number;
}

/** Comments, quoted names and variables may hold what looks like a literal. */
const MISLEADING = /["`$]|--|\/\*/;
/** A whole text literal, or a number that stands alone. */
const LITERALS = /'((?:[^']|'')*)'|(?<![\w.@])\d+(?![\w.@])/g;
const MOST_DIGITS = 9;
const MOST_TEXT = 10_000;
const MOST_FRAMES = 1_000;

/**
 * Plans of pull queries that ask for one key, kept for the next that differs in nothing but the key: clients ask for
 * one row after another, and to parse and plan each text costs more than to find its row.
 *
 *   SELECT * FROM T WHERE K = 'a';   ──planned──>  shape, keys [['a']]
 *   SELECT * FROM T WHERE K = 'b';   ──same frame──> shape, keys [['b']]
 *
 * Invariant: a plan is kept only when the one literal of its text is its key, so that another literal of the same type
 * there would have given the same plan with another key. What was kept is good as long as the catalogue is the same.
 */
export class PreparedPulls {
  readonly #shapes = new Map<string, PullShape>();
  #catalogVersion = -1;

  find(text: string, catalogVersion: number): Pull | undefined {
    if (this.#catalogVersion !== catalogVersion) return undefined;
    const asked = keyText(text);
    const shape = asked && this.#shapes.get(asked.frame);
    return shape && { kind: 'pull', shape, keys: [[asked.key]] };
  }

  keep(text: string, { shape, keys }: Pull, catalogVersion: number): void {
    if (this.#catalogVersion !== catalogVersion || this.#shapes.size >= MOST_FRAMES) this.#shapes.clear();
    this.#catalogVersion = catalogVersion;
    const asked = keyText(text);
    if (asked && !shape.predicate && isOnly(asked.key, keys)) this.#shapes.set(asked.frame, shape);
  }
}

function isOnly(key: string | number, keys: readonly Row[] | undefined): boolean {
  return keys?.length === 1 && keys[0]!.length === 1 && keys[0]![0] === key;
}

function keyText(text: string): KeyText | undefined {
  if (text.length > MOST_TEXT || MISLEADING.test(text)) return undefined;
  const literals = [...text.matchAll(LITERALS)];
  const [literal] = literals;
  if (literals.length !== 1 || !literal) return undefined;
  const [whole, inner] = literal;
  const before = text.slice(0, literal.index);
  const after = text.slice(literal.index + whole.length);
  if (inner !== undefined) return { frame: `${before}'${after}`, key: inner.replaceAll("''", "'") };
  // More digits would be another type.
  return whole.length > MOST_DIGITS ? undefined : { frame: `${before}#${after}`, key: Number(whole) };
}
