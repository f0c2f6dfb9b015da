import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Registry } from '../registry/registry.ts';
import { type AppContext, appContext, type ListenOptions } from './app-context.ts';
import { HttpPort, type NodeListener } from './port.ts';
import { writeRefusal } from './refusal.ts';
import { registryRefusal } from './registry-refusal.ts';

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

  static async start(parts: RegistryServerParts, options: ListenOptions): Promise<RegistryServer> {
    const { clock } = parts;
    const logger = parts.logger.child({ part: 'registry' });
    const context = appContext(options, { clock, logger });
    const port = await HttpPort.listen({ ...options, clock, logger, listener: lazyListener(parts, context) });
    return new RegistryServer(port);
  }

  /** host:port, as bound. */
  get address(): string {
    return this.#port.address;
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
