import { formatHostPort } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Registry } from '../registry/registry.ts';
import type { AppContext } from './app.ts';
import { identifier, type User } from './auth.ts';
import { HttpPort, type NodeListener } from './port.ts';
import { writeRefusal } from './refusal.ts';
import { registryRefusal } from './registry-refusal.ts';

export interface RegistryServerOptions {
  readonly host: string;
  readonly port: number;
  readonly maxConnections: number;
  readonly maxBodyBytes: number;
  readonly bodyTimeoutMs: number;
  /** With users, every request must name one. */
  readonly users: readonly User[];
  readonly allowOrigin?: string | undefined;
}

export interface RegistryServerParts {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly clusterId: string;
}

/** The schema registry's API on a port of its own, where its clients look for it. */
export class RegistryServer {
  readonly #port: HttpPort;

  private constructor(port: HttpPort) {
    this.#port = port;
  }

  static async start(parts: RegistryServerParts, options: RegistryServerOptions): Promise<RegistryServer> {
    const { clock } = parts;
    const logger = parts.logger.child({ part: 'registry' });
    const identify = identifier(options.users);
    const limits = { clock, maxBytes: options.maxBodyBytes, timeoutMs: options.bodyTimeoutMs };
    let address = '';
    const { allowOrigin } = options;
    const context: AppContext = { logger, limits, allowOrigin, identify, address: () => address };
    const port = await HttpPort.listen({
      host: options.host,
      port: options.port,
      maxConnections: options.maxConnections,
      clock,
      logger,
      listener: lazyListener(parts, context),
    });
    address = formatHostPort(port);
    return new RegistryServer(port);
  }

  /** host:port, as bound. */
  get address(): string {
    return formatHostPort(this.#port);
  }

  stop(): Promise<void> {
    return this.#port.stop();
  }
}

/** As with the other port: a start does not wait for what only a request needs. */
function lazyListener(parts: RegistryServerParts, context: AppContext): NodeListener {
  let listener: Promise<NodeListener> | undefined;
  return (incoming, outgoing) => {
    listener ??= import('./registry-api.ts').then(({ registryListener }) => registryListener(parts, context));
    listener
      .then((listen) => listen(incoming, outgoing))
      .catch((error: unknown) => writeRefusal(outgoing, registryRefusal(error, incoming.url ?? '', context)));
  };
}
