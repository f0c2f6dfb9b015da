import { TopicError, type Topics } from '../../topics/topics.ts';
import type { Append } from './command.ts';

/** What is left of DROP ... DELETE TOPIC once the source is gone. Until it is noted as done every start tries again. */
export async function deleteTopic(
  topic: string,
  dropped: { readonly text: string; readonly properties: Readonly<Record<string, string>> },
  { topics, append }: { readonly topics: Pick<Topics, 'delete'>; readonly append: Append },
): Promise<void> {
  try {
    await topics.delete(topic);
  } catch (error) {
    if (!(error instanceof TopicError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION')) throw error;
  }
  const { text: statementText, properties } = dropped;
  await append({ statementText, properties, effect: { kind: 'topicDeleted', topic } });
}
