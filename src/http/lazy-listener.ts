import { lazy } from '../base/async.ts';
import type { NodeBindings, NodeListener } from './port.ts';

/** A listener that the first request loads, so that the server is there sooner: most of what answers is needed by no start. */
export function lazyListener(
  load: () => Promise<NodeListener>,
  refuse: (outgoing: NodeBindings['outgoing'], path: string, error: unknown) => void,
): NodeListener {
  let listener: NodeListener | undefined;
  const loaded = lazy(async () => {
    listener = await load();
    return listener;
  });
  const answer = (
    incoming: NodeBindings['incoming'],
    outgoing: NodeBindings['outgoing'],
    listen: NodeListener,
  ): void => {
    try {
      listen(incoming, outgoing);
    } catch (error) {
      refuse(outgoing, incoming.url ?? '', error);
    }
  };
  return (incoming, outgoing) => {
    if (listener) return answer(incoming, outgoing, listener);
    loaded().then(
      (found) => answer(incoming, outgoing, found),
      (error: unknown) => refuse(outgoing, incoming.url ?? '', error),
    );
  };
}
