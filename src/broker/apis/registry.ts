import type { Api } from '../api.ts';
import { apiVersions } from './18-api-versions.ts';
import type { ControlPlane } from './control-plane.ts';
import { controlPlaneApis } from './control-plane-apis.ts';
import type { DataPlane } from './data-plane.ts';
import { dataPlaneApis } from './data-plane-apis.ts';
import { transactionApis } from './transaction-apis.ts';

/** Every API this server serves: dispatch and ApiVersions are derived from this list, and there is no other. */
export function allApis(data: DataPlane, control: ControlPlane): Api[] {
  const apis = [...dataPlaneApis(data), ...controlPlaneApis(control), ...transactionApis(control)];
  return [...apis, apiVersions(apis, () => control.registry.features())];
}
