const MAX_NAME_LENGTH = 249;

/** What is wrong with a topic name, in Kafka's wording; undefined when nothing is. */
export function topicNameProblem(name: string): string | undefined {
  if (name === '') return 'Topic name is invalid: the empty string is not allowed';
  if (name === '.' || name === '..') return `Topic name is invalid: '.' and '..' are not allowed`;
  if (name.length > MAX_NAME_LENGTH) {
    return `Topic name is invalid: the length of '${name}' is longer than the max allowed length ${MAX_NAME_LENGTH}`;
  }
  if (/[^a-zA-Z0-9._-]/.test(name)) {
    return `Topic name is invalid: '${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return undefined;
}

/** Metric names replace dots by underscores, so Kafka lets only one of `a.b` and `a_b` exist. */
export function collisionKey(name: string): string {
  return name.replaceAll('.', '_');
}
