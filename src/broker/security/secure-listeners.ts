import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { listItems } from '../config/config-table.ts';
import type { ListenerSettings } from '../server-listener.ts';
import { StartError } from '../start-error.ts';
import { subjectOf } from './distinguished-name.ts';
import { usersOfJaas, usersOfList } from './jaas.ts';
import { ListenerConfig } from './listener-config.ts';
import type { ListenerSpec } from './listeners.ts';
import { oauthBearer } from './oauth-bearer.ts';
import { plain } from './plain.ts';
import { principalMapping } from './principal-mapping.ts';
import type { SaslMechanism } from './sasl-mechanism.ts';
import type { SaslSettings } from './sasl-session.ts';
import { type ScramUsers, scram } from './scram.ts';
import { type ReadBytes, readTlsIdentity } from './tls-identity.ts';
import { tokenKeys } from './token-keys.ts';

export interface SecurityDependencies {
  readonly config: ReadonlyMap<string, string>;
  readonly scramUsers: ScramUsers;
  readonly clock: Clock;
  readonly random: Random;
  /** Of key, certificate and token files. */
  readonly readBytes: ReadBytes;
}

/** Listeners with all that their protocols need. Rejects with a StartError. */
export function secureListeners(
  specs: readonly ListenerSpec[],
  deps: SecurityDependencies,
): Promise<readonly ListenerSettings[]> {
  return Promise.all(specs.map((spec) => secureListener(spec, deps)));
}

async function secureListener(spec: ListenerSpec, deps: SecurityDependencies): Promise<ListenerSettings> {
  const { name, protocol, host, port, advertised } = spec;
  const config = new ListenerConfig(deps.config, name);
  const isTls = protocol === 'SSL' || protocol === 'SASL_SSL';
  const isSasl = protocol === 'SASL_PLAINTEXT' || protocol === 'SASL_SSL';
  const mapping = principalMapping(config.text('ssl.principal.mapping.rules'));
  return {
    name,
    host,
    port,
    advertised,
    tls: isTls ? await readTlsIdentity(config, protocol, deps.readBytes) : undefined,
    sasl: isSasl ? await saslSettings(config, deps) : undefined,
    principalOf: (certificate) => {
      const user = mapping(subjectOf(certificate));
      return user === undefined ? undefined : `User:${user}`;
    },
  };
}

/** Kafka's default, GSSAPI, needs a Kerberos that is not there. Without users these let nobody in. */
const UNLESS_GIVEN = ['SCRAM-SHA-256', 'SCRAM-SHA-512', 'PLAIN'];

async function saslSettings(config: ListenerConfig, deps: SecurityDependencies): Promise<SaslSettings> {
  const given = config.given('sasl.enabled.mechanisms');
  const names = given === undefined ? UNLESS_GIVEN : listItems(given.toUpperCase());
  if (names.length === 0) throw new StartError('sasl.enabled.mechanisms: a SASL listener needs one.');
  return {
    mechanisms: await Promise.all(names.map((name) => mechanism(name, config, deps))),
    maxReauthMs: (name) => config.number('connections.max.reauth.ms', name),
    failureDelayMs: config.number('connection.failed.authentication.delay.ms'),
    maxReceiveBytes: config.number('sasl.server.max.receive.size'),
  };
}

async function mechanism(
  name: string,
  config: ListenerConfig,
  { scramUsers, random, clock, readBytes }: SecurityDependencies,
): Promise<SaslMechanism> {
  switch (name) {
    case 'PLAIN':
      return plain(plainUsers(config));
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512':
      return scram(name, scramUsers, random);
    case 'OAUTHBEARER': {
      const setting = (key: string) => config.find(`sasl.oauthbearer.${key}`, name);
      const audience = setting('expected.audience') ?? '';
      const rules = {
        issuer: setting('expected.issuer'),
        audience: audience.split(',').flatMap((part) => part.trim() || []),
        clockSkewSeconds: Number(setting('clock.skew.seconds')),
        userClaim: setting('sub.claim.name') ?? 'sub',
      };
      const refreshMs = Number(setting('jwks.endpoint.refresh.ms'));
      const keys = await tokenKeys(setting('jwks.endpoint.url'), { refreshMs, readBytes, clock });
      return oauthBearer(rules, keys, clock);
    }
    default:
      throw new StartError(
        `sasl.enabled.mechanisms: ${name} is none of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER.`,
      );
  }
}

function plainUsers(config: ListenerConfig): ReadonlyMap<string, string> {
  return new Map([
    ...usersOfList(config.text('sasl.plain.users', 'PLAIN')),
    ...usersOfJaas(config.text('sasl.jaas.config', 'PLAIN')),
  ]);
}
