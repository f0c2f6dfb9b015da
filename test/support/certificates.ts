import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  cryptoProvider,
  type JsonGeneralNames,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

cryptoProvider.set(webcrypto as Crypto);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY_MS = 86_400_000;
const LOCAL: JsonGeneralNames = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
];

/** A certificate with its key, in PEM. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** Whoever vouches for others in a test. */
export interface Authority {
  readonly certificate: string;
  /** For this machine, by a name in the form `CN=alice,O=Example`. */
  issue(subject: string): Promise<Identity>;
}

export async function authority(subject = 'CN=Test authority'): Promise<Authority> {
  const keys = await keyPair();
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: subject,
    keys,
    ...validity(),
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
    signingAlgorithm: ALGORITHM,
  });
  return { certificate: ca.toString('pem'), issue: (name) => issue(ca, keys.privateKey, name) };
}

async function issue(ca: X509Certificate, signingKey: CryptoKey, subject: string): Promise<Identity> {
  const keys = await keyPair();
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey,
    ...validity(),
    extensions: [new SubjectAlternativeNameExtension(LOCAL)],
    signingAlgorithm: ALGORITHM,
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificate: certificate.toString('pem'), key: PemConverter.encode(key, 'PRIVATE KEY') };
}

function keyPair(): Promise<CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<CryptoKeyPair>;
}

function validity() {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
}
