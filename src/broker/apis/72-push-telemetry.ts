import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import { describeClient } from './71-get-telemetry-subscriptions.ts';
import type { ControlPlane } from './control-plane.ts';

/** PushTelemetry v0 (KIP-714): metrics of a client; they are shown with our own. */
export const pushTelemetry = ({ telemetry }: Pick<ControlPlane, 'telemetry'>): Api =>
  api('PushTelemetry', [0, 0], (request, context) => ({
    errorCode: errorCode(telemetry.push(request, describeClient(context))),
  }));
