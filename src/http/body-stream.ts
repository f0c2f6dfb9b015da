import { Buffer } from 'node:buffer';
import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { KsqlError, SERVER_ERROR } from '../engine/service/ksql-error.ts';
import type { Stream } from '../engine/service/row-stream.ts';
import type { NodeBindings } from './port.ts';

type Outgoing = NodeBindings['outgoing'];

export interface BodyParts<Item> {
  readonly head: string;
  readonly item: (item: Item, index: number) => string;
  /** What follows the items that came together. */
  readonly mark?: () => string;
  readonly tail: () => string;
  /** After the answer has begun an error can only be part of it. */
  readonly failure: (error: KsqlError, index: number) => string;
}

/**
 * A stream as a response body. The next items are asked for only when the client has taken the last ones, so a slow
 * client is felt by the stream; a client that goes away closes it.
 */
export function bodyOf<Item>(stream: Stream<Item>, parts: BodyParts<Item>): ReadableStream<Uint8Array> {
  let index = 0;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        if (parts.head !== '') controller.enqueue(Buffer.from(parts.head));
      },
      async pull(controller) {
        try {
          const items = await stream.next();
          if (!items) {
            const tail = parts.tail();
            if (tail !== '') controller.enqueue(Buffer.from(tail));
            controller.close();
            return;
          }
          let text = '';
          for (const item of items) text += parts.item(item, index++);
          if (parts.mark) text += parts.mark();
          controller.enqueue(Buffer.from(text));
        } catch (error) {
          controller.enqueue(Buffer.from(parts.failure(asKsqlError(error), index)));
          controller.close();
          stream.close();
        }
      },
      cancel() {
        stream.close();
      },
    },
    { highWaterMark: 1 },
  );
}

/** The whole of a stream that has an end near by. Rejects when it fails: nothing was answered yet. */
export async function bodyText<Item>(stream: Stream<Item>, parts: BodyParts<Item>): Promise<string> {
  let text = parts.head;
  let index = 0;
  for (let items = await stream.next(); items; items = await stream.next())
    for (const item of items) text += parts.item(item, index++);
  return text + parts.tail();
}

/** As `bodyOf`, on node's own response: resolves when everything is written or the client has left. */
export async function writeBody<Item>(
  stream: Stream<Item>,
  parts: BodyParts<Item>,
  outgoing: Outgoing,
): Promise<void> {
  // The client may leave while no item is on its way.
  if (outgoing.destroyed) return stream.close();
  outgoing.once('close', () => stream.close());
  let index = 0;
  try {
    // A client waits for the headers before it reads. HTTP/2's response has the method too, its type has not.
    if (parts.head === '') (outgoing as ServerResponse).flushHeaders();
    else await write(outgoing, parts.head);
    for (let items = await stream.next(); items; items = await stream.next()) {
      let text = '';
      for (const item of items) text += parts.item(item, index++);
      if (parts.mark) text += parts.mark();
      await write(outgoing, text);
    }
    outgoing.end(parts.tail());
  } catch (error) {
    outgoing.end(parts.failure(asKsqlError(error), index));
    stream.close();
  }
}

/** Resolves when the client has room for more. */
function write(outgoing: Writable, text: string): Promise<void> | undefined {
  if (outgoing.destroyed || outgoing.write(text)) return undefined;
  return new Promise((resolve) => {
    const go = () => {
      outgoing.off('drain', go).off('close', go);
      resolve();
    };
    outgoing.on('drain', go).on('close', go);
  });
}

function asKsqlError(error: unknown): KsqlError {
  return error instanceof KsqlError
    ? error
    : new KsqlError(SERVER_ERROR, error instanceof Error ? error.message : String(error));
}
