import type { ConnectionOptions } from 'node:tls';
import { readText } from '../config-file.ts';
import { SettingsError } from '../settings-error.ts';

/** How a connection to a Kafka broker is made safe, and who makes it. */
export interface KafkaSecurity {
  readonly tls?: ConnectionOptions;
  readonly user?: { readonly name: string; readonly password: string };
}

type Properties = Readonly<Record<string, string>>;

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];

/** From the properties of a Kafka client: TLS with files in PEM, and SASL's PLAIN. Throws SettingsError. */
export function kafkaSecurity(properties: Properties): KafkaSecurity {
  const protocol = (properties['security.protocol'] ?? 'PLAINTEXT').toUpperCase();
  if (!PROTOCOLS.includes(protocol))
    throw new SettingsError(`security.protocol is one of ${PROTOCOLS.join(', ')}, not '${protocol}'`);
  return {
    ...(protocol.endsWith('SSL') && { tls: tlsOf(properties) }),
    ...(protocol.startsWith('SASL') && { user: userOf(properties) }),
  };
}

function tlsOf(properties: Properties): ConnectionOptions {
  const trusted = pem(properties, 'ssl.truststore.location') ?? properties['ssl.truststore.certificates'];
  const own = pem(properties, 'ssl.keystore.location');
  return {
    ...(trusted !== undefined && { ca: trusted }),
    // A file in PEM holds the key and its certificates (KIP-651).
    ...(own !== undefined && { cert: own, key: own }),
    ...(properties['ssl.endpoint.identification.algorithm'] === '' && {
      checkServerIdentity: () => undefined,
    }),
  };
}

function pem(properties: Properties, name: string): string | undefined {
  const path = properties[name];
  if (path === undefined) return undefined;
  const text = readText(path);
  if (text.includes('-----BEGIN ')) return text;
  throw new SettingsError(`${name}: ${path} is not PEM, the only kind of file that is read here`);
}

function userOf(properties: Properties): { readonly name: string; readonly password: string } {
  const mechanism = properties['sasl.mechanism'] ?? 'GSSAPI';
  if (mechanism !== 'PLAIN') throw new SettingsError(`sasl.mechanism must be PLAIN, not ${mechanism}`);
  const login = properties['sasl.jaas.config'] ?? '';
  const [name, password] = [jaasOption(login, 'username'), jaasOption(login, 'password')];
  if (name === undefined || password === undefined)
    throw new SettingsError('sasl.jaas.config has no username="..." password="..."');
  return { name, password };
}

function jaasOption(line: string, name: string): string | undefined {
  const match = new RegExp(`\\b${name}\\s*=\\s*(?:"((?:\\\\.|[^"\\\\])*)"|([^\\s";]+))`).exec(line);
  return match?.[1]?.replace(/\\(.)/g, '$1') ?? match?.[2];
}
