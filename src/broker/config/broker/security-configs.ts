import { configRows } from '../config-rows.ts';

/** Broker configs of TLS, SASL and delegation tokens. The columns are those of `configRows`. */
export const SECURITY_CONFIGS = configRows(`
delegation.token.expiry.check.interval.ms | long | 3600000 | 1.. | | How often expired delegation tokens are looked for.
delegation.token.expiry.time.ms | long | 86400000 | 1.. | | How long a delegation token counts before it must be renewed.
delegation.token.max.lifetime.ms | long | 604800000 | 1.. | | Age beyond which a delegation token cannot be renewed.
delegation.token.secret.key | password | - | | | Secret that delegation tokens are made with.
principal.builder.class | class | org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder | | broker | What derives a principal from a login.
sasl.client.callback.handler.class | class | - | | | Plugin for the client side of SASL.
sasl.enabled.mechanisms | list | GSSAPI | | broker | SASL mechanisms that clients may use.
sasl.jaas.config | password | - | | broker | Logins in JAAS form.
sasl.kerberos.kinit.cmd | string | /usr/bin/kinit | | broker | Path of kinit.
sasl.kerberos.min.time.before.relogin | long | 60000 | | broker | Shortest pause between renewals of a Kerberos ticket.
sasl.kerberos.principal.to.local.rules | list | DEFAULT | | broker | Rules that turn Kerberos principals into short names.
sasl.kerberos.service.name | string | - | | broker | Kerberos name of the broker.
sasl.kerberos.ticket.renew.jitter | double | 0.05 | | broker | Random share added to the renewal time of a ticket.
sasl.kerberos.ticket.renew.window.factor | double | 0.8 | | broker | Share of a ticket's life after which it is renewed.
sasl.login.callback.handler.class | class | - | | | Plugin for the broker's own login.
sasl.login.class | class | - | | | Plugin that logs the broker in.
sasl.login.connect.timeout.ms | int | - | | | Longest wait for a connection to a token provider.
sasl.login.read.timeout.ms | int | - | | | Longest wait for an answer of a token provider.
sasl.login.refresh.buffer.seconds | short | 300 | | broker | How long before its end a login must be renewed.
sasl.login.refresh.min.period.seconds | short | 60 | | broker | Shortest pause between renewals of a login.
sasl.login.refresh.window.factor | double | 0.8 | | broker | Share of a login's life after which it is renewed.
sasl.login.refresh.window.jitter | double | 0.05 | | broker | Random share added to that.
sasl.login.retry.backoff.max.ms | long | 10000 | | | Longest pause between attempts at a token provider.
sasl.login.retry.backoff.ms | long | 100 | | | First pause between these attempts.
sasl.mechanism.inter.broker.protocol | string | GSSAPI | | broker | SASL mechanism that brokers use among themselves.
sasl.oauthbearer.assertion.algorithm | string | RS256 | ~ES256,RS256 | | Signature algorithm of the assertion that asks for a token.
sasl.oauthbearer.assertion.claim.aud | string | - | | | Audience named in that assertion.
sasl.oauthbearer.assertion.claim.exp.seconds | int | 300 | 0..86400 | | How long that assertion counts.
sasl.oauthbearer.assertion.claim.iss | string | - | | | Issuer named in that assertion.
sasl.oauthbearer.assertion.claim.jti.include | boolean | false | | | Whether that assertion carries an id of its own.
sasl.oauthbearer.assertion.claim.nbf.seconds | int | 60 | 0..3600 | | How far back the beginning of that assertion lies.
sasl.oauthbearer.assertion.claim.sub | string | - | | | Subject named in that assertion.
sasl.oauthbearer.assertion.file | string | - | | | File with a ready-made assertion.
sasl.oauthbearer.assertion.private.key.file | string | - | | | File with the key that signs assertions.
sasl.oauthbearer.assertion.private.key.passphrase | password | - | | | Passphrase of that key.
sasl.oauthbearer.assertion.template.file | string | - | | | File with further claims of assertions.
sasl.oauthbearer.client.credentials.client.id | string | - | | | Client id the broker asks for tokens with.
sasl.oauthbearer.client.credentials.client.secret | password | - | | | Secret of that client id.
sasl.oauthbearer.clock.skew.seconds | int | 30 | | | Difference of clocks tolerated in the times of tokens.
sasl.oauthbearer.expected.audience | list | - | | | Audiences of which a token must name one.
sasl.oauthbearer.expected.issuer | string | - | | | Issuer a token must come from.
sasl.oauthbearer.jwks.endpoint.refresh.ms | long | 3600000 | | | How often keys of the token issuer are read anew.
sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms | long | 10000 | | | Longest pause between attempts to read these keys.
sasl.oauthbearer.jwks.endpoint.retry.backoff.ms | long | 100 | | | First pause between these attempts.
sasl.oauthbearer.jwks.endpoint.url | string | - | | | Where the keys of the token issuer are.
sasl.oauthbearer.jwt.retriever.class | class | org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever | | | What fetches tokens.
sasl.oauthbearer.jwt.validator.class | class | org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator | | | What checks tokens.
sasl.oauthbearer.scope | string | - | | | Scope that tokens are asked for.
sasl.oauthbearer.scope.claim.name | string | scope | | | Claim of a token that holds its scopes.
sasl.oauthbearer.sub.claim.name | string | sub | | | Claim of a token that holds its subject.
sasl.oauthbearer.token.endpoint.url | string | - | | | Where tokens are asked for.
sasl.server.callback.handler.class | class | - | | | Plugin for the server side of SASL.
sasl.server.max.receive.size | int | 524288 | | | Largest message accepted during a login.
security.providers | string | - | | | Plugins that provide security algorithms.
ssl.allow.dn.changes | boolean | false | | | Whether a new certificate may have another distinguished name.
ssl.allow.san.changes | boolean | false | | | Whether a new certificate may have other alternative names.
ssl.cipher.suites | list | | | broker | Cipher suites allowed.
ssl.client.auth | string | none | required,requested,none | broker | Whether clients must, may or need not show a certificate.
ssl.enabled.protocols | list | TLSv1.2,TLSv1.3 | | broker | TLS versions allowed.
ssl.endpoint.identification.algorithm | string | https | | broker | How the name of a server is checked.
ssl.engine.factory.class | class | - | | broker | What makes TLS engines.
ssl.key.password | password | - | | broker | Password of the private key.
ssl.keymanager.algorithm | string | SunX509 | | broker | Algorithm of the key manager.
ssl.keystore.certificate.chain | password | - | | broker | Certificates of the key, as PEM.
ssl.keystore.key | password | - | | broker | The private key, as PEM.
ssl.keystore.location | string | - | | broker | File of the key store.
ssl.keystore.password | password | - | | broker | Password of the key store.
ssl.keystore.type | string | JKS | | broker | Format of the key store.
ssl.principal.mapping.rules | string | DEFAULT | | | Rules that turn certificate names into principals.
ssl.protocol | string | TLSv1.3 | | broker | TLS version preferred.
ssl.provider | string | - | | broker | Provider of TLS.
ssl.secure.random.implementation | string | - | | broker | Source of random numbers for TLS.
ssl.trustmanager.algorithm | string | PKIX | | broker | Algorithm of the trust manager.
ssl.truststore.certificates | password | - | | broker | Certificates trusted, as PEM.
ssl.truststore.location | string | - | | broker | File of the trust store.
ssl.truststore.password | password | - | | broker | Password of the trust store.
ssl.truststore.type | string | JKS | | broker | Format of the trust store.
`);
