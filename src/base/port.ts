/**
 * One end of a channel between two threads. Messages arrive in the order they were posted, as structured clones;
 * the memory of `transfer` moves over and is empty here afterwards.
 */
export interface Port {
  post(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onMessage(listener: (message: unknown) => void): void;
}

interface MessageTarget {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/** A worker, a worker's parent or one end of a MessageChannel. */
export function portOf(target: MessageTarget): Port {
  return {
    post: (message, transfer) => target.postMessage(message, transfer),
    onMessage: (listener) => {
      target.on('message', listener);
    },
  };
}

/** The memory of these bytes, for moving it to another thread: their own if they fill it, else a copy's. */
export function ownMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && byteLength === buffer.byteLength)
    return bytes as Uint8Array<ArrayBuffer>;
  return new Uint8Array(bytes);
}
