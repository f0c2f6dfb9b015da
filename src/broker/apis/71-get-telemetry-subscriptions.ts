import { Buffer } from 'node:buffer';
import { errorCode } from '../../protocol/errors.ts';
import { type Api, api, type RequestContext } from '../api.ts';
import type { ClientDescription } from '../telemetry/client-telemetry.ts';
import type { ControlPlane } from './control-plane.ts';

/** What clients may compress pushed metrics with, the best first: zstd, lz4, gzip, snappy. */
const COMPRESSIONS = [4, 3, 1, 2];

/** GetTelemetrySubscriptions v0 (KIP-714): which metrics a client shall push, and how often. */
export const getTelemetrySubscriptions = ({ telemetry }: Pick<ControlPlane, 'telemetry'>): Api =>
  api('GetTelemetrySubscriptions', [0, 0], ({ clientInstanceId }, context) => {
    const { error, instanceId, subscription } = telemetry.subscribe(
      clientInstanceId,
      describeClient(context),
    );
    if (subscription === undefined) return { errorCode: errorCode(error) };
    return {
      clientInstanceId: instanceId,
      subscriptionId: subscription.subscriptionId,
      acceptedCompressionTypes: COMPRESSIONS,
      pushIntervalMs: subscription.pushIntervalMs,
      telemetryMaxBytes: telemetry.maxBytes,
      deltaTemporality: true,
      requestedMetrics: subscription.metrics,
    };
  });

export function describeClient({ clientId, clientHost, clientPort, software }: RequestContext) {
  return (instanceId: string): ClientDescription => ({
    client_instance_id: kafkaUuid(instanceId),
    client_id: clientId ?? '',
    client_software_name: software.name,
    client_software_version: software.version,
    client_source_address: clientHost,
    client_source_port: String(clientPort),
  });
}

/** As Kafka prints ids, and so as subscriptions name them. */
function kafkaUuid(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url');
}
