import { Buffer } from 'node:buffer';
import { type Api, api } from '../api.ts';
import { errorFields } from './error-fields.ts';

/** SaslAuthenticate v0-2: one token of the exchange; the last answer of v1+ tells how long the session may last (KIP-368). */
export const saslAuthenticate = (): Api =>
  api('SaslAuthenticate', [0, 2], async ({ authBytes }, { sasl }) => {
    const late = 'SaslAuthenticate request received after successful authentication';
    if (sasl === undefined) return { ...errorFields('ILLEGAL_SASL_STATE', late), authBytes: Buffer.alloc(0) };
    const answer = await sasl.authenticate(authBytes);
    if ('reply' in answer)
      return {
        ...errorFields('NONE'),
        authBytes: answer.reply,
        sessionLifetimeMs: answer.sessionLifetimeMs,
      };
    return { ...errorFields(answer.error, answer.message), authBytes: Buffer.alloc(0) };
  });
