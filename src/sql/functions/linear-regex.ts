import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

let library: typeof import('re2js') | undefined;

/** To be called before a pattern is used: work that may be ended at any time must not load a module by halves. */
export function loadLinearEngine(): typeof import('re2js') {
  library ??= createRequire(import.meta.url)('re2js') as typeof import('re2js');
  return library;
}

/**
 * A regular expression that matches in time linear in the text, by RE2's automaton instead of by trying. It stands in for
 * JavaScript's engine where that could try for ever, and looks like one of its expressions.
 */
export class LinearRegex extends RegExp {
  readonly #re2: RE2JS;
  /** The last group is the line terminator that `$` allows behind the match. */
  readonly #endsBeforeTerminator: boolean;

  constructor(regex: RegExp, source: string, endsBeforeTerminator: boolean) {
    super(regex);
    this.#re2 = loadLinearEngine().RE2JS.compile(source);
    this.#endsBeforeTerminator = endsBeforeTerminator;
  }

  override exec(text: string): RegExpExecArray | null {
    const matcher = this.#re2.matcher(text);
    const from = this.global ? letterFrom(text, this.lastIndex) : 0;
    if (from > text.length || !matcher.find(from)) {
      this.lastIndex = 0;
      return null;
    }
    const index = matcher.start();
    const groups = this.#re2.groupCount() - (this.#endsBeforeTerminator ? 1 : 0);
    const behind = this.#endsBeforeTerminator ? matcher.start(groups + 1) : -1;
    const end = behind < 0 ? matcher.end() : behind;
    if (this.global) this.lastIndex = end;
    // A group that took no part is undefined, which the platform's type does not say.
    const found: [string, ...string[]] = [text.slice(index, end)];
    for (let group = 1; group <= groups; group++) found.push((matcher.group(group) ?? undefined) as string);
    return Object.assign(found, { index, input: text }) as RegExpExecArray;
  }

  override *[Symbol.matchAll](text: string): RegExpStringIterator<RegExpExecArray> {
    this.lastIndex = 0;
    for (let match = this.exec(text); match !== null; match = this.exec(text)) {
      yield match;
      if (match[0] === '') this.lastIndex++;
    }
    return undefined;
  }
}

/** Whoever goes on behind a match of nothing adds 1, which may be amid a letter of two units. */
function letterFrom(text: string, at: number): number {
  return at > 0 && (text.codePointAt(at - 1) ?? 0) > 0xffff ? at + 1 : at;
}
