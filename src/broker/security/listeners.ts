import { type HostPort, parseHostPort } from '../../base/address.ts';
import { listItems } from '../config/config-table.ts';
import { StartError } from '../start-error.ts';

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'] as const;
export type SecurityProtocol = (typeof PROTOCOLS)[number];

/** One of `listeners`, before anything is read that its protocol needs. */
export interface ListenerSpec extends HostPort {
  readonly name: string;
  readonly protocol: SecurityProtocol;
  readonly advertised?: HostPort;
}

/**
 * `listeners` as in Kafka's server.properties, `NAME://HOST:PORT` with commas between, or one bare `HOST:PORT`, which is
 * PLAINTEXT. Those of a controller are left out: there is none to reach. Throws StartError.
 */
export function parseListeners(text: string, config: ReadonlyMap<string, string>): readonly ListenerSpec[] {
  const controllers = new Set(listItems(config.get('controller.listener.names') ?? ''));
  const protocols = protocolMap(config.get('listener.security.protocol.map'));
  const advertised = new Map(
    endpoints('advertised.listeners', config.get('advertised.listeners') ?? '').map((each) => [
      each.name,
      each,
    ]),
  );
  const found = endpoints('listeners', text).filter(({ name }) => !controllers.has(name));
  if (found.length === 0) throw new StartError('listeners: none for clients; name one as HOST:PORT.');
  const specs = found.map(({ name, host, port }): ListenerSpec => {
    const protocol = protocols.get(name);
    if (protocol === undefined)
      throw new StartError(
        `listeners: no protocol for ${name}; give one of ${PROTOCOLS.join(', ')} in listener.security.protocol.map.`,
      );
    const shown = advertised.get(name);
    advertised.delete(name);
    return {
      name,
      protocol,
      host,
      port,
      ...(shown && { advertised: { host: shown.host, port: shown.port } }),
    };
  });
  const [stray] = [...advertised.keys()].filter((name) => !controllers.has(name));
  if (stray !== undefined) throw new StartError(`advertised.listeners: ${stray} is none of listeners.`);
  return specs;
}

interface Endpoint extends HostPort {
  readonly name: string;
}

function endpoints(setting: string, text: string): readonly Endpoint[] {
  const found = listItems(text).map((item): Endpoint => {
    const [, name = 'PLAINTEXT', address = ''] = /^(?:([\w-]+):\/\/)?(.*)$/.exec(item)!;
    try {
      return { name: name.toUpperCase(), ...parseHostPort(address) };
    } catch {
      throw new StartError(`${setting}: '${item}' is neither HOST:PORT nor NAME://HOST:PORT.`);
    }
  });
  const names = found.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new StartError(
      `${setting}: there are two listeners ${twice}; name them apart in listener.security.protocol.map.`,
    );
  return found;
}

/** Names of the protocols are listeners by themselves. */
function protocolMap(text: string | undefined): ReadonlyMap<string, SecurityProtocol> {
  const known = new Map<string, SecurityProtocol>(PROTOCOLS.map((protocol) => [protocol, protocol]));
  for (const item of listItems(text ?? '')) {
    const [name = '', protocol = ''] = item.split(':').map((part) => part.trim().toUpperCase());
    if (!PROTOCOLS.some((each) => each === protocol))
      throw new StartError(
        `listener.security.protocol.map: '${item}' is not NAME:PROTOCOL with one of ${PROTOCOLS.join(', ')}.`,
      );
    known.set(name, protocol as SecurityProtocol);
  }
  return known;
}
