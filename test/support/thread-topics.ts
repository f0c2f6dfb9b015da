import { MessageChannel } from 'node:worker_threads';
import { Calls } from '../../src/base/calls.ts';
import { systemClock } from '../../src/base/clock.ts';
import { type OpenReader, openReader } from '../../src/base/file-reader.ts';
import { portOf } from '../../src/base/port.ts';
import type { PlaceFinder } from '../../src/topics/threads/file-place.ts';
import { FileReads } from '../../src/topics/threads/file-reads.ts';
import { SharedOffsets } from '../../src/topics/threads/shared-offsets.ts';
import { ThreadTopics } from '../../src/topics/threads/thread-topics.ts';
import {
  type AdvanceCalls,
  reviveTopicError,
  type TopicsCalls,
} from '../../src/topics/threads/topics-calls.ts';
import { TopicsServer } from '../../src/topics/threads/topics-server.ts';
import { WatchFlags } from '../../src/topics/threads/watch-flags.ts';
import type { Topics } from '../../src/topics/topics.ts';

/** The topics port as another thread has it, all in this one: messages really go through a channel. */
export function throughMessages(topics: Topics, places?: PlaceFinder, open: OpenReader = openReader) {
  const { port1, port2 } = new MessageChannel();
  const options = {
    revive: reviveTopicError,
    onError: (error: Error) => {
      throw error;
    },
  };
  const flags = new WatchFlags();
  const server = new TopicsServer({
    topics,
    places,
    flags,
    advanced: (watches) => near.tell('advanced', watches),
  });
  const near = new Calls<AdvanceCalls, TopicsCalls>(portOf(port1), server.handlers, options);
  const far: Calls<TopicsCalls, AdvanceCalls> = new Calls(
    portOf(port2),
    ThreadTopics.handlers(() => there),
    options,
  );
  const files = places && new FileReads(new SharedOffsets(places.offsets.memory), systemClock, open);
  const there = new ThreadTopics(far, new WatchFlags(flags.memory), files);
  return {
    topics: there,
    async close() {
      there.close();
      await server.close();
      port1.close();
      port2.close();
    },
  };
}
