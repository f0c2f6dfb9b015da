import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';

/** SaslHandshake v0-1: chooses a mechanism. After v0 its tokens come as they are, after v1 in SaslAuthenticate (KIP-152). */
export const saslHandshake = (): Api =>
  api('SaslHandshake', [0, 1], ({ mechanism }, { apiVersion, sasl }) => {
    if (sasl === undefined) return { errorCode: errorCode('ILLEGAL_SASL_STATE') };
    const error = sasl.handshake(mechanism, apiVersion === 0);
    const mechanisms = error === 'ILLEGAL_SASL_STATE' ? [] : [...sasl.mechanismNames];
    return { errorCode: errorCode(error), mechanisms };
  });
