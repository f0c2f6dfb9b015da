import { Buffer } from 'node:buffer';
import { API_KEYS } from '../../protocol/messages.gen.ts';
import { ConnectionError } from '../connection-error.ts';
import type { ConnectionContext, FrameHandler, Response } from '../dispatcher.ts';
import type { SaslSession } from './sasl-session.ts';

const { SaslHandshake, SaslAuthenticate, ApiVersions } = API_KEYS;

/**
 * Stands before the dispatcher on SASL listeners: until the client has proved who it is, only what belongs to proving it
 * gets through, and nothing at all when its session has run out.
 */
export class SaslGate implements FrameHandler {
  readonly #inner: FrameHandler;
  readonly #session: SaslSession;
  #context: ConnectionContext | undefined;

  constructor(inner: FrameHandler, session: SaslSession) {
    this.#inner = inner;
    this.#session = session;
  }

  overlaps(frame: Buffer): boolean {
    return this.#session.isOpen && this.#inner.overlaps(frame);
  }

  letsGo(frame: Buffer): boolean {
    return this.#session.isOpen && this.#inner.letsGo(frame);
  }

  handle(frame: Buffer, connection: ConnectionContext): Response | Promise<Response> {
    const session = this.#session;
    if (session.takesRawTokens) return this.#handleRaw(frame);
    const key = frame.length >= 2 ? frame.readInt16BE(0) : -1;
    if (session.isOpen) {
      const isRepeat = key === SaslHandshake && session.mayRepeat();
      if (session.isExpired && !isRepeat)
        throw new ConnectionError(`the session of ${session.access?.principal} has expired`);
    } else if (session.isBetweenTokens ? key !== SaslAuthenticate : !isFirst(key))
      throw new ConnectionError(`a request with API key ${key} before authentication`);
    return this.#inner.handle(frame, this.#contextOf(connection));
  }

  #contextOf(connection: ConnectionContext): ConnectionContext {
    const access = this.#session.access ?? connection.access;
    if (this.#context === undefined || this.#context.access !== access)
      this.#context = { ...connection, access, sasl: this.#session };
    return this.#context;
  }

  async #handleRaw(token: Buffer): Promise<Response> {
    const answer = await this.#session.authenticate(token);
    // Raw exchanges have no word for failure but the end of the connection.
    if (!('reply' in answer)) return null;
    const length = Buffer.alloc(4);
    length.writeInt32BE(answer.reply.length);
    return [length, answer.reply];
  }
}

function isFirst(key: number): boolean {
  return key === SaslHandshake || key === ApiVersions;
}
