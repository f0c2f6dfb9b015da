import type { SqlAccess } from '../engine/service/access.ts';
import type { NodeBindings } from './port.ts';

/** Of Hono's context: node's own request and response, and what its sender may do. */
export interface AppTypes {
  Bindings: NodeBindings;
  Variables: { readonly access: SqlAccess };
}
