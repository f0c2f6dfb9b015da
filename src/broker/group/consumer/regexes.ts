import { loadRe2 } from '../../re2.ts';
import { sameTopics } from './consumer-member.ts';
import type { GroupDraft } from './group-draft.ts';
import type { GroupTopics } from './group-topics.ts';

/** What is wrong with a regular expression; RE2's syntax, as Kafka's, matches in linear time whatever clients send. */
export function regexProblem(regex: string): string | undefined {
  const { RE2JS, RE2JSSyntaxException } = loadRe2();
  try {
    RE2JS.compile(regex);
    return undefined;
  } catch (error) {
    // Without the pattern, which whoever shows this has at hand.
    if (error instanceof RE2JSSyntaxException) return error.error;
    return error instanceof Error ? error.message : String(error);
  }
}

export interface RegexContext {
  readonly topics: GroupTopics;
  /** Topics that the member on whose behalf this happens may not see do not match. */
  readonly mayDescribe: (topic: string) => boolean;
  readonly nowMs: number;
}

/** Resolves the group's regular expressions against the topics there are, and drops those nobody subscribes to. */
export function refreshRegexes(draft: GroupDraft, { topics, mayDescribe, nowMs }: RegexContext): void {
  const wanted = dropUnwantedRegexes(draft);
  if (wanted.size === 0) return;
  const names = [...topics.list()].map(({ name }) => name).sort();
  for (const regex of wanted) {
    // One that another version wrote and this one cannot read matches nothing.
    const pattern = regexProblem(regex) === undefined ? loadRe2().RE2JS.compile(regex) : undefined;
    const matching = names.filter((name) => pattern?.matches(name) && mayDescribe(name));
    const known = draft.group.regexes.get(regex);
    if (known !== undefined && sameTopics(known.topics, matching)) continue;
    const value = { topics: matching, version: topics.version, resolvedAtMs: nowMs };
    draft.write({ kind: 'consumer regex', regex, value });
  }
}

/** Forgets what nobody subscribes to any more; returns what is left. */
export function dropUnwantedRegexes(draft: GroupDraft): ReadonlySet<string> {
  const wanted = draft.group.subscribedRegexes();
  for (const regex of [...draft.group.regexes.keys()])
    if (!wanted.has(regex)) draft.write({ kind: 'consumer regex', regex, value: null });
  return wanted;
}

/** Whether some regular expression was never resolved, or none is left that one was kept for. */
export function hasStaleRegexes(draft: GroupDraft): boolean {
  const { regexes } = draft.group;
  if (regexes.size === 0) {
    for (const member of draft.group.members.values()) if (member.subscribedRegex !== '') return true;
    return false;
  }
  const wanted = draft.group.subscribedRegexes();
  return wanted.size !== regexes.size || [...wanted].some((regex) => !regexes.has(regex));
}
