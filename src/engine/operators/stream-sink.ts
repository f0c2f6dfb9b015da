import type { Change } from './change.ts';
import { type Outlet, type RoundResult, SHOWS_NOTHING } from './outlet.ts';
import { type SinkOptions, SinkWriter } from './sink-writer.ts';

/** The end of a stream: every row is a record of the sink's topic. */
export class StreamSink implements Outlet {
  readonly writer: SinkWriter;

  constructor(options: SinkOptions) {
    this.writer = new SinkWriter(options);
  }

  readonly pendingRows = 0;

  push({ key, row, timestampMs, partition, offset }: Change): void {
    const { context } = this.writer;
    if (!context.rebuilding) this.writer.write(key, row, timestampMs, partition, offset, context.headers());
  }

  flush(): RoundResult {
    return { show: SHOWS_NOTHING, ...this.writer.take() };
  }
}
