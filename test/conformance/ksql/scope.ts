import type { Case } from './expand.ts';
import { writeJson } from './json-text.ts';

/** What Millrace does not have yet. A refusal of such a case proves nothing, so it is not run. */
export type Missing = 'registry formats';

const REGISTRY_FORMAT = /'(AVRO|PROTOBUF|PROTOBUF_NOSR|JSON_SR)'|SCHEMA_ID/i;
export function missingFor(test: Case): Missing | undefined {
  return namesRegistryFormat(test) ? 'registry formats' : undefined;
}

function namesRegistryFormat({ script, properties, topics }: Case): boolean {
  const texts = [script, ...Object.values(properties).map((value) => `'${value}'`)];
  return (
    texts.some((text) => REGISTRY_FORMAT.test(text)) ||
    topics.some((topic) => /schema/i.test(writeJson(topic)))
  );
}
