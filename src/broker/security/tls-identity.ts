import type { Buffer } from 'node:buffer';
import type { SecureContextOptions } from 'node:tls';
import { checkSecureContext } from '../../base/secure-context.ts';
import { StartError } from '../start-error.ts';
import type { ListenerConfig } from './listener-config.ts';
import type { SecurityProtocol } from './listeners.ts';

/** What a TLS listener shows its clients, and what it asks of them. */
export interface TlsIdentity {
  readonly context: SecureContextOptions;
  readonly clientAuth: 'none' | 'requested' | 'required';
}

/** Undefined when there is no such file. */
export type ReadBytes = (path: string) => Promise<Buffer | undefined>;

/** Reads keys and certificates anew, from settings and the files they name. Rejects with a StartError. */
export async function readTlsIdentity(
  config: ListenerConfig,
  protocol: SecurityProtocol,
  readBytes: ReadBytes,
): Promise<TlsIdentity> {
  const file = async (setting: string) => {
    const path = config.find(setting);
    if (path === undefined) return undefined;
    const bytes = await readBytes(path);
    if (bytes === undefined) throw new StartError(`${setting}: there is no file ${path}.`);
    return bytes;
  };
  const versions = config.list('ssl.enabled.protocols');
  const context: SecureContextOptions = {
    ...(await keyStore(config, file)),
    ...(await trustStore(config, file)),
    minVersion: versions.includes('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
    maxVersion: versions.includes('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
  };
  try {
    checkSecureContext(context);
  } catch (cause) {
    const { message } = cause as Error;
    throw new StartError(`ssl.keystore or ssl.truststore cannot be used: ${message}.`, { cause });
  }
  return { context, clientAuth: clientAuth(config, protocol) };
}

type ReadSetting = (setting: string) => Promise<Buffer | undefined>;

async function keyStore(config: ListenerConfig, file: ReadSetting): Promise<SecureContextOptions> {
  const type = storeType(config, 'ssl.keystore');
  const location = await file('ssl.keystore.location');
  if (type === 'PKCS12') {
    if (location === undefined) throw new StartError('ssl.keystore.location: a TLS listener needs one.');
    return { pfx: location, passphrase: config.find('ssl.keystore.password') };
  }
  if (type !== 'PEM') throw wrongType('ssl.keystore.type', type);
  const pem = location?.toString('latin1');
  const key = config.find('ssl.keystore.key') ?? pem;
  const cert = config.find('ssl.keystore.certificate.chain') ?? pem;
  if (key === undefined || cert === undefined)
    throw new StartError(
      'ssl.keystore.location: a TLS listener needs key and certificate, in one PEM file or in ssl.keystore.key and ssl.keystore.certificate.chain.',
    );
  return { key, cert, passphrase: config.find('ssl.key.password') };
}

/** Without one, whom the system trusts. */
async function trustStore(config: ListenerConfig, file: ReadSetting): Promise<SecureContextOptions> {
  const certificates = config.find('ssl.truststore.certificates');
  if (certificates !== undefined) return { ca: certificates };
  const location = await file('ssl.truststore.location');
  if (location === undefined) return {};
  const type = storeType(config, 'ssl.truststore');
  if (type !== 'PEM') throw wrongType('ssl.truststore.type', type);
  return { ca: location };
}

/** What is given, or what the name of the file says; Kafka's default is JKS. */
function storeType(config: ListenerConfig, store: string): string {
  const path = config.find(`${store}.location`) ?? '.pem';
  const guess = /\.(pem|crt|cer|key)$/i.test(path) ? 'PEM' : /\.(p12|pfx)$/i.test(path) ? 'PKCS12' : 'JKS';
  return config.given(`${store}.type`)?.toUpperCase() ?? guess;
}

function wrongType(setting: string, type: string): StartError {
  const convert = 'openssl pkcs12 -in store.p12 -out store.pem -nodes';
  const jks = 'after keytool -importkeystore -destkeystore store.p12 -deststoretype PKCS12 for a JKS file';
  return new StartError(
    `${setting}: ${type || 'nothing'} cannot be read here; make it PEM: ${convert} (${jks}).`,
  );
}

/** KIP-684: for SASL_SSL it counts only when it is given for the listener itself. */
function clientAuth(config: ListenerConfig, protocol: SecurityProtocol): TlsIdentity['clientAuth'] {
  const value =
    protocol === 'SASL_SSL' ? (config.own('ssl.client.auth') ?? 'none') : config.text('ssl.client.auth');
  if (value === 'none' || value === 'requested' || value === 'required') return value;
  throw new StartError(`ssl.client.auth: '${value}' is none of none, requested, required.`);
}
