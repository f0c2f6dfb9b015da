import { StartError } from '../start-error.ts';

/**
 * Users and passwords in a JAAS line as of Kafka's `listener.name.X.plain.sasl.jaas.config`:
 *
 *   org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret" user_bob="...";
 */
export function usersOfJaas(line: string): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  const options = /([\w.@-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s";]+))/g;
  for (const [, name = '', quoted, bare] of line.matchAll(options)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '';
    if (name.startsWith('user_')) users.set(name.slice('user_'.length), value);
  }
  return users;
}

/** `NAME:PASSWORD` with commas between. Throws StartError, without what it read. */
export function usersOfList(text: string): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const item of text.split(',').filter((part) => part.trim() !== '')) {
    const colon = item.indexOf(':');
    if (colon < 1) throw new StartError('sasl.plain.users: each user is NAME:PASSWORD, with commas between.');
    users.set(item.slice(0, colon).trim(), item.slice(colon + 1));
  }
  return users;
}
