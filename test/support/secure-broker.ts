import assert from 'node:assert/strict';
import { systemClock } from '../../src/base/clock.ts';
import type { Logger } from '../../src/base/logger.ts';
import { MemoryFileSystem } from '../../src/base/memory-fs.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { Operation, ResourceType } from '../../src/broker/access.ts';
import { Broker, type BrokerOptions } from '../../src/broker/broker.ts';
import { operations, permissions, resourceTypes } from '../../src/broker/security/acl.ts';
import { errorByCode } from '../../src/protocol/errors.ts';
import { RawClient } from './raw-client.ts';

/** Two users of PLAIN, of whom one may do everything and the other nothing. */
export const SETTINGS = {
  'sasl.plain.users': 'root:rootword,alice:aliceword',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:root',
  'connection.failed.authentication.delay.ms': '0',
};

/** Everything the brokers of this process have logged. */
export const lines: string[] = [];
const line = (message: string, fields?: Record<string, unknown>) => {
  lines.push([message, ...Object.values(fields ?? {})].join(' '));
};
const logger: Logger = { debug: line, info: line, warn: line, error: line, child: () => logger };

export function startBroker(more: Partial<BrokerOptions> = {}): Promise<Broker> {
  return Broker.start({
    fs: new MemoryFileSystem(),
    dataDir: '/data',
    clock: systemClock,
    random: new SeededRandom(3),
    logger,
    listen: 'SASL_PLAINTEXT://127.0.0.1:0',
    config: SETTINGS,
    ...more,
  });
}

export const portOf = (broker: Broker) => Number(broker.address.split(':')[1]);

export async function clientOf(broker: Broker, user: string, password = `${user}word`): Promise<RawClient> {
  const client = await RawClient.connect(portOf(broker));
  assert.equal((await client.logIn(user, password)).errorCode, 0);
  return client;
}

export const nameOf = (code: number | undefined) => errorByCode(code ?? -1).name;

export const ANY_FILTER = {
  resourceTypeFilter: 1,
  resourceNameFilter: null,
  patternTypeFilter: 1,
  principalFilter: null,
  hostFilter: null,
  operation: 1,
  permissionType: 1,
};

export function acl(user: string, operation: Operation, type: ResourceType, name: string) {
  return {
    resourceType: resourceTypes.codeOf(type),
    resourceName: name,
    resourcePatternType: 3,
    principal: `User:${user}`,
    host: '*',
    operation: operations.codeOf(operation),
    permissionType: permissions.codeOf('ALLOW'),
  };
}
