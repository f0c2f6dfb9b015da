/**
 * Subjects live in contexts, each with its own ids: `:.ctx:orders-value` is `orders-value` of the context `.ctx`, and a
 * name without a context is of the default context. `:.ctx:` alone stands for the context, where settings are concerned.
 */
export interface QualifiedSubject {
  readonly context: string;
  readonly name: string;
}

export const DEFAULT_CONTEXT = '.';
/** Its settings hold wherever neither the subject, its context nor the default context says anything. */
export const GLOBAL_CONTEXT = '.__GLOBAL';
const ALL_CONTEXTS = '*';

export function parseSubject(text: string): QualifiedSubject {
  const match = /^:(\.[^:]*|\*):(.*)$/s.exec(text);
  return match ? { context: match[1]!, name: match[2]! } : { context: DEFAULT_CONTEXT, name: text };
}

export function formatSubject({ context, name }: QualifiedSubject): string {
  return context === DEFAULT_CONTEXT ? name : `:${context}:${name}`;
}

/** One way of writing each subject: the default context is never named. */
export function normalSubject(text: string): string {
  return formatSubject(parseSubject(text));
}

export function contextOf(subject: string): string {
  return parseSubject(subject).context;
}

export function isContextOnly(subject: string): boolean {
  return subject === '' || (subject.startsWith(':') && parseSubject(subject).name === '');
}

/** A subject named by a schema of another one is in that one's context unless it says otherwise. */
export function inContextOf(parent: string, subject: string): string {
  const isQualified = /^:(\.[^:]*):/.test(subject);
  return isQualified ? normalSubject(subject) : formatSubject({ context: contextOf(parent), name: subject });
}

/** `:*:` for every context, `:.ctx:pre` for one, `pre` for the default context. */
export function matchesPrefix(subject: string, prefix: string): boolean {
  const wanted = parseSubject(prefix);
  const { context, name } = parseSubject(subject);
  return (wanted.context === ALL_CONTEXTS || wanted.context === context) && name.startsWith(wanted.name);
}

/** What a name stands for that is not a subject: settings of the default context are the global ones. */
export function checkSubjectName(subject: string): string | undefined {
  if (isContextOnly(subject)) return 'it is empty';
  if (/\p{Cc}/u.test(subject)) return 'it has control characters';
  const { context, name } = parseSubject(subject);
  if (context === ALL_CONTEXTS) return 'a subject is in one context';
  if (context === GLOBAL_CONTEXT || name === '__GLOBAL' || name === '__EMPTY') return 'the name is reserved';
  return undefined;
}
