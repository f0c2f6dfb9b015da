import { Buffer } from 'node:buffer';
import { KsqlError, SERVER_ERROR } from '../engine/service/ksql-error.ts';
import type { Stream } from '../engine/service/row-stream.ts';

export interface BodyParts<Item> {
  readonly head: string;
  readonly item: (item: Item, index: number) => string;
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

function asKsqlError(error: unknown): KsqlError {
  return error instanceof KsqlError
    ? error
    : new KsqlError(SERVER_ERROR, error instanceof Error ? error.message : String(error));
}
