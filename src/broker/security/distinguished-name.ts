import { Buffer } from 'node:buffer';

/** Attribute types that RFC 2253 has short names for; others are written by number and in hex, as Java does. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
};

const OBJECT_IDENTIFIER = 0x06;
const BMP_STRING = 0x1e;
const UTF8_STRING = 0x0c;
const CONTEXT_VERSION = 0xa0;

interface Element {
  readonly tag: number;
  readonly content: Buffer;
  /** With its tag and length. */
  readonly whole: Buffer;
}

/**
 * The subject of a certificate (DER) in the form of RFC 2253, which is what Kafka's mapping rules see: last part first,
 * no blanks between. node:crypto gives another form.
 *
 *   Certificate { TBSCertificate { [0] version?, serial, algorithm, issuer, validity, subject, ... } ... }
 *   Name        SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value }
 */
export function subjectOf(certificate: Buffer): string {
  const [toBeSigned] = elements(elements(certificate)[0]!.content);
  const fields = elements(toBeSigned!.content);
  const subject = fields[fields[0]!.tag === CONTEXT_VERSION ? 5 : 4]!;
  return elements(subject.content)
    .map(({ content }) => elements(content).map(attribute).join('+'))
    .reverse()
    .join(',');
}

function attribute({ content }: Element): string {
  const [type, value] = elements(content) as [Element, Element];
  const oid = type.tag === OBJECT_IDENTIFIER ? objectIdentifier(type.content) : '';
  const name = SHORT_NAMES[oid];
  return name === undefined ? `${oid}=#${value.whole.toString('hex')}` : `${name}=${escaped(textOf(value))}`;
}

function textOf({ tag, content }: Element): string {
  if (tag === BMP_STRING) return Buffer.from(content).swap16().toString('utf16le');
  return content.toString(tag === UTF8_STRING ? 'utf8' : 'latin1');
}

function escaped(text: string): string {
  return text.replaceAll(/[,+"\\<>;]|^[# ]| $/g, '\\$&');
}

function objectIdentifier(bytes: Buffer): string {
  const numbers: number[] = [];
  let number = 0;
  for (const byte of bytes) {
    number = number * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      numbers.push(number);
      number = 0;
    }
  }
  const [first = 0, ...rest] = numbers;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - 40 * root, ...rest].join('.');
}

function elements(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let position = 0; position < bytes.length; ) {
    const lengthByte = bytes[position + 1]!;
    const lengthBytes = lengthByte < 0x80 ? 0 : lengthByte & 0x7f;
    const length = lengthBytes === 0 ? lengthByte : bytes.readUIntBE(position + 2, lengthBytes);
    const start = position + 2 + lengthBytes;
    const end = start + length;
    found.push({
      tag: bytes[position]!,
      content: bytes.subarray(start, end),
      whole: bytes.subarray(position, end),
    });
    position = end;
  }
  return found;
}
