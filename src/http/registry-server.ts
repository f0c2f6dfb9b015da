import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Registry } from '../registry/registry.ts';
import { appContext, type ListenOptions } from './app-context.ts';
import { lazyListener } from './lazy-listener.ts';
import { HttpPort } from './port.ts';
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
    const listener = lazyListener(
      async () => (await import('./registry-api.ts')).registryListener(parts, context),
      (outgoing, path, error) => writeRefusal(outgoing, registryRefusal(error, path, context)),
    );
    const port = await HttpPort.listen({ ...options, clock, logger, listener });
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
