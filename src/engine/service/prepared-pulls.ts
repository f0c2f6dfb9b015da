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
/** Digits that stand alone. */
const NUMBER = /(?<![\w.@])\d+(?![\w.@])/;
const NUMBERS = new RegExp(NUMBER, 'g');
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
 * there would have given the same plan with another key. What was kept is good as long as the catalog is the same.
 */
export class PreparedPulls {
  readonly #shapes = new Map<string, PullShape>();
  #catalogVersion = -1;

  find(text: string, catalogVersion: number): Pull | undefined {
    if (this.#catalogVersion !== catalogVersion) return undefined;
    // A frame that was kept is plain, so only the literal is still to be looked at.
    const asked = keyText(text);
    const shape = asked && this.#shapes.get(asked.frame);
    return shape && { kind: 'pull', shape, keys: [[asked.key]] };
  }

  keep(text: string, { shape, keys }: Pull, catalogVersion: number): void {
    if (this.#catalogVersion !== catalogVersion || this.#shapes.size >= MOST_FRAMES) this.#shapes.clear();
    this.#catalogVersion = catalogVersion;
    const asked = keyText(text);
    if (asked && isPlain(asked.frame) && !shape.predicate && isOnly(asked.key, keys))
      this.#shapes.set(asked.frame, shape);
  }
}

function isOnly(key: string | number, keys: readonly Row[] | undefined): boolean {
  return keys?.length === 1 && keys[0]!.length === 1 && keys[0]![0] === key;
}

/** Without the literal: nothing that could hide or be another. */
function isPlain(frame: string): boolean {
  return !MISLEADING.test(frame) && !NUMBER.test(frame);
}

function keyText(text: string): KeyText | undefined {
  return text.length > MOST_TEXT ? undefined : (textKey(text) ?? numberKey(text));
}

/** The usual case: a quote, no other but the last. */
function textKey(text: string): KeyText | undefined {
  const start = text.indexOf("'");
  const end = text.lastIndexOf("'");
  if (start === end) return undefined;
  const inner = text.slice(start + 1, end);
  const key = inner.includes("'") ? unescaped(inner) : inner;
  if (key === undefined || MISLEADING.test(inner)) return undefined;
  return { frame: `${text.slice(0, start)}'${text.slice(end + 1)}`, key };
}

/** undefined: it is not one literal but several. */
function unescaped(inner: string): string | undefined {
  const key = inner.replaceAll("''", '');
  return key.includes("'") ? undefined : inner.replaceAll("''", "'");
}

function numberKey(text: string): KeyText | undefined {
  const [first, second] = text.matchAll(NUMBERS);
  if (!first || second || text.includes("'")) return undefined;
  const [digits] = first;
  // More would be another type.
  if (digits.length > MOST_DIGITS) return undefined;
  const frame = `${text.slice(0, first.index)}#${text.slice(first.index + digits.length)}`;
  return { frame, key: Number(digits) };
}
