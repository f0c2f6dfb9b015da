import { firstOldVersion } from '../../protocol/old-versions.ts';
import type { Api } from '../api.ts';
import { apiVersions } from './18-api-versions.ts';
import { adminApis } from './admin-apis.ts';
import type { ControlPlane } from './control-plane.ts';
import { controlPlaneApis } from './control-plane-apis.ts';
import type { DataPlane } from './data-plane.ts';
import { dataPlaneApis } from './data-plane-apis.ts';
import { securityApis } from './security-apis.ts';
import { shareApis } from './share-apis.ts';
import type { SharePlane } from './share-plane.ts';
import { transactionApis } from './transaction-apis.ts';

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
    ...adminApis(control),
    ...transactionApis(control),
    ...shareApis(share),
    ...securityApis(control),
  ];
  const served = options.oldVersions ? apis.map(withOldVersions) : apis;
  return [...served, apiVersions(served, () => control.registry.features())];
}
