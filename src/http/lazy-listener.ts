import { lazy } from '../base/async.ts';
import type { NodeBindings, NodeListener } from './port.ts';

/** A listener that the first request loads, so that the server is there sooner: most of what answers is needed by no start. */
export function lazyListener(
  load: () => Promise<NodeListener>,
  refuse: (outgoing: NodeBindings['outgoing'], path: string, error: unknown) => void,
): NodeListener {
  const loaded = lazy(load);
  return (incoming, outgoing) => {
    loaded()
      .then((listener) => listener(incoming, outgoing))
      .catch((error: unknown) => refuse(outgoing, incoming.url ?? '', error));
  };
}
