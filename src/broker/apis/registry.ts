import { firstOldVersion } from '../../protocol/old-versions.ts';
import type { Api } from '../api.ts';
import { saslHandshake } from './17-sasl-handshake.ts';
import { apiVersions } from './18-api-versions.ts';
import { saslAuthenticate } from './36-sasl-authenticate.ts';
import { getTelemetrySubscriptions } from './71-get-telemetry-subscriptions.ts';
import { pushTelemetry } from './72-push-telemetry.ts';
import type { ControlPlane } from './control-plane.ts';
import { controlPlaneApis } from './control-plane-apis.ts';
import type { DataPlane } from './data-plane.ts';
import { dataPlaneApis } from './data-plane-apis.ts';
import { ADMIN_APIS, lazyApis, SECURITY_APIS, SHARE_APIS, TRANSACTION_APIS } from './lazy-apis.ts';
import type { SharePlane } from './share-plane.ts';

/** How an API is served to agents from before Kafka 2.1 too: in the versions that Kafka 4.0 dropped (KIP-896). */
function withOldVersions(api: Api): Api {
  return { ...api, versions: [firstOldVersion(api.name), api.versions[1]], acceptsOldVersions: true };
}

/** Every API this server serves: dispatch and ApiVersions are derived from this list, and there is no other. */
export function allApis(
  data: DataPlane,
  control: ControlPlane,
  share: SharePlane,
  options: { readonly oldVersions: boolean } = { oldVersions: false },
): Api[] {
  const apis = [
    ...dataPlaneApis(data),
    ...controlPlaneApis(control),
    // Clients ask for these as soon as they are connected.
    getTelemetrySubscriptions(control),
    pushTelemetry(control),
    saslHandshake(),
    saslAuthenticate(),
    ...lazyApis(ADMIN_APIS, async () => (await import('./admin-apis.ts')).adminApis(control)),
    ...lazyApis(TRANSACTION_APIS, async () =>
      (await import('./transaction-apis.ts')).transactionApis(control),
    ),
    ...lazyApis(SHARE_APIS, async () => (await import('./share-apis.ts')).shareApis(share)),
    ...lazyApis(SECURITY_APIS, async () => (await import('./security-apis.ts')).securityApis(control)),
  ];
  const served = options.oldVersions ? apis.map(withOldVersions) : apis;
  return [...served, apiVersions(served, () => control.registry.features())];
}
