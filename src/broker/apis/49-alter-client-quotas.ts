import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError, errorFields } from './error-fields.ts';

/** AlterClientQuotas v0-1 (KIP-546): sets and removes quotas; each entity fails or counts by itself, and at once. */
export const alterClientQuotas = ({ registry }: Pick<ControlPlane, 'registry'>): Api =>
  api('AlterClientQuotas', [0, 1], async ({ entries, validateOnly }, { access }) => {
    if (!access.may('ALTER_CONFIGS', 'CLUSTER', CLUSTER_NAME))
      return {
        entries: entries.map(({ entity }) => ({ entity, ...errorFields('CLUSTER_AUTHORIZATION_FAILED') })),
      };
    try {
      const verdicts = await registry.alterQuotas(entries, validateOnly);
      // One answer for each entity; one named twice was changed by the first and has the error of the second.
      const answers = new Map<
        string,
        ReturnType<typeof errorFields> & Pick<(typeof entries)[number], 'entity'>
      >();
      entries.forEach(({ entity }, index) => {
        const { error, message } = verdicts[index]!;
        answers.set(JSON.stringify(entity), { entity, ...errorFields(error, message) });
      });
      return { entries: [...answers.values()] };
    } catch (error) {
      return { entries: entries.map(({ entity }) => ({ entity, errorCode: coordinatorError(error) })) };
    }
  });
