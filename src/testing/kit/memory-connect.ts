import {
  type ConnectCluster,
  ConnectError,
  type ConnectorInfo,
  type ConnectorPlugin,
  type ConnectorStatus,
  type ListedConnector,
} from '../../engine/service/connect-cluster.ts';

type Config = Readonly<Record<string, string>>;

export interface MemoryPlugin extends ConnectorPlugin {
  /** Names that a configuration must have. */
  readonly required?: readonly string[];
}

/**
 * Kafka Connect for tests: keeps connectors and answers connector statements, but moves no records. It knows any class,
 * unless it is told which plugins there are.
 */
export class MemoryConnect implements ConnectCluster {
  readonly #plugins: readonly MemoryPlugin[] | undefined;
  readonly #connectors = new Map<string, ConnectorInfo>();

  constructor(plugins?: readonly MemoryPlugin[]) {
    this.#plugins = plugins;
  }

  async validate(config: Config): Promise<string[]> {
    const className = config['connector.class'] ?? '';
    const plugin = this.#plugin(className);
    if (this.#plugins && !plugin) return [`connector.class: there is no ${className}`];
    const missing = plugin?.required?.filter((name) => config[name] === undefined) ?? [];
    return missing.map((name) => `${name}: it is missing`);
  }

  async create(name: string, config: Config): Promise<ConnectorInfo> {
    if (this.#connectors.has(name)) throw new ConnectError(`Connector ${name} already exists`, 409);
    const className = config['connector.class'] ?? '';
    const guess = className.includes('Sink') ? 'sink' : 'source';
    const type = (this.#plugin(className)?.type as ConnectorInfo['type'] | undefined) ?? guess;
    const info = { name, config: { ...config, name }, tasks: [{ connector: name, task: 0 }], type };
    this.#connectors.set(name, info);
    return info;
  }

  async drop(name: string): Promise<boolean> {
    return this.#connectors.delete(name);
  }

  async list(): Promise<ListedConnector[]> {
    const names = [...this.#connectors.keys()].sort();
    return names.map((name) => ({ name, info: this.#connectors.get(name), status: this.#status(name) }));
  }

  async info(name: string): Promise<ConnectorInfo | undefined> {
    return this.#connectors.get(name);
  }

  async status(name: string): Promise<ConnectorStatus | undefined> {
    return this.#status(name);
  }

  /** As the configuration says: nothing runs that could tell. */
  async topics(name: string): Promise<string[]> {
    const { topic, topics } = this.#connectors.get(name)?.config ?? {};
    return [topic, topics].filter((names) => names !== undefined).flatMap((names) => names.split(','));
  }

  async plugins(): Promise<readonly ConnectorPlugin[]> {
    return (this.#plugins ?? []).map(({ class: className, type, version }) => ({
      class: className,
      type,
      version,
    }));
  }

  #plugin(className: string): MemoryPlugin | undefined {
    return this.#plugins?.find((plugin) => plugin.class === className);
  }

  #status(name: string): ConnectorStatus | undefined {
    const info = this.#connectors.get(name);
    if (!info) return undefined;
    const part = { state: 'RUNNING', worker_id: 'memory' };
    return { name, connector: part, tasks: [{ id: 0, ...part }], type: info.type };
  }
}
