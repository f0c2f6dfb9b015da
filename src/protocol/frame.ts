import type { Buffer } from 'node:buffer';
import { decoder, encoder } from './compiled.ts';
import { isFlexible } from './definition.ts';
import type { Draft } from './draft.ts';
import { API_KEYS, type ApiName, MESSAGES, type Requests, type Responses } from './messages.gen.ts';
import { ProtocolError } from './protocol-error.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

/**
 * What stands before every request body. Lengths in bytes; the frame length counts what follows it.
 *
 *     frame length 4 | api key 2 | api version 2 | correlation id 4 | client id 2 + n | tagged fields (flexible) | body
 *
 * and before every response body:
 *
 *     frame length 4 | correlation id 4 | tagged fields (flexible) | body
 */
export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  readonly bodyPosition: number;
}

const NAMES = new Map<number, ApiName>();
for (const [name, key] of Object.entries(API_KEYS)) NAMES.set(key, name as ApiName);

/** `undefined` for a key no client-facing API has. */
export function apiName(key: number): ApiName | undefined {
  return NAMES.get(key);
}

/** `position` is behind the frame length. An unknown API or version still has a readable header. */
export function decodeRequestHeader(buffer: Buffer, position = 0): RequestHeader {
  const reader = new Reader(buffer, position);
  const apiKey = reader.int16();
  const apiVersion = reader.int16();
  const correlationId = reader.int32();
  const clientId = reader.nullableText(reader.length16());
  const name = apiName(apiKey);
  if (name !== undefined && isFlexible(MESSAGES[`${name}Request`], apiVersion)) skipTagged(reader);
  if (reader.failed) throw new ProtocolError('a request header is cut short');
  return { apiKey, apiVersion, correlationId, clientId, bodyPosition: reader.position };
}

function skipTagged(reader: Reader): void {
  for (let count = reader.uvarint(); count > 0 && !reader.failed; count--) {
    reader.uvarint();
    reader.skip(reader.uvarint());
  }
}

/** Byte fields of the result are views of `buffer`. */
export function decodeRequest<Name extends ApiName>(
  name: Name,
  version: number,
  buffer: Buffer,
  position: number,
): Requests[Name] {
  const reader = new Reader(buffer, position);
  const message = decoder(`${name}Request`, version)(reader);
  if (reader.failed) throw new ProtocolError(`a ${name} request v${version} is cut short or malformed`);
  return message as Requests[Name];
}

/** The whole frame as a list of buffers to send one after another; records are in it by reference. */
export function encodeResponse<Name extends ApiName>(
  name: Name,
  version: number,
  correlationId: number,
  message: Draft<Responses[Name]>,
): Buffer[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int32(correlationId);
  if (hasTaggedResponseHeader(name, version)) writer.uvarint(0);
  encoder(`${name}Response`, version)(writer, message);
  return writer.finishFrame();
}

/**
 * KIP-511: the header of an ApiVersions response never has tagged fields, because a client that asked with
 * a version the broker does not know could not read it.
 */
function hasTaggedResponseHeader(name: ApiName, version: number): boolean {
  return name !== 'ApiVersions' && isFlexible(MESSAGES[`${name}Response`], version);
}

export function encodeRequest<Name extends ApiName>(
  name: Name,
  version: number,
  header: { readonly correlationId: number; readonly clientId: string | null },
  message: Draft<Requests[Name]>,
): Buffer[] {
  const writer = new Writer();
  writer.int32(0);
  writer.int16(API_KEYS[name]);
  writer.int16(version);
  writer.int32(header.correlationId);
  if (header.clientId === null) writer.length16(-1);
  else writer.string(header.clientId);
  if (isFlexible(MESSAGES[`${name}Request`], version)) writer.uvarint(0);
  encoder(`${name}Request`, version)(writer, message);
  return writer.finishFrame();
}

/** `position` is behind the frame length. */
export function decodeResponse<Name extends ApiName>(
  name: Name,
  version: number,
  buffer: Buffer,
  position = 0,
): { readonly correlationId: number; readonly message: Responses[Name] } {
  const reader = new Reader(buffer, position);
  const correlationId = reader.int32();
  if (hasTaggedResponseHeader(name, version)) skipTagged(reader);
  const message = decoder(`${name}Response`, version)(reader);
  if (reader.failed) throw new ProtocolError(`a ${name} response v${version} is cut short or malformed`);
  return { correlationId, message: message as Responses[Name] };
}
