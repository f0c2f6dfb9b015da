import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Json, JsonNumber, type JsonObject, parseJson } from './json-text.ts';
import type { CaseWindow } from './windowed-key.ts';

export interface CaseRecord {
  readonly topic: string;
  readonly key: Json;
  readonly value: Json;
  readonly timestampMs: number | undefined;
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[];
  readonly window: CaseWindow | undefined;
}

export interface ExpectedSource {
  readonly name: string;
  readonly type: string;
  readonly schema?: string;
  readonly keyFormat?: JsonObject;
  readonly valueFormat?: string;
  readonly keyFeatures?: readonly string[];
  readonly valueFeatures?: readonly string[];
  readonly isSource?: boolean;
}

/** One test, as it stands after the lists of formats and settings of its file are written out. */
export interface Case {
  readonly file: string;
  readonly name: string;
  readonly isDisabled: boolean;
  readonly script: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly comparesDoublesLoosely: boolean;
  readonly topics: readonly JsonObject[];
  readonly inputs: readonly CaseRecord[];
  readonly outputs: readonly CaseRecord[];
  readonly expectedError: { readonly type: string; readonly message: string } | undefined;
  readonly expectedSources: readonly ExpectedSource[];
  /** Of the REST suite only. */
  readonly rest: {
    readonly responses: readonly JsonObject[];
    readonly expectedError: { readonly message: string } | undefined;
    /** The inputs come when the push query runs. */
    readonly queriesFirst: boolean;
    readonly isOrdered: boolean;
    /** Each query is asked a second time, for answers in Protocol Buffers. */
    readonly asksForProtobuf: boolean;
  };
}

const LOOSE_NUMBERS = 'use.exact.numeric.comparison';

/** All cases of the files whose name contains `filter`, in the order of files and cases. */
export function loadCases(folder: string, filter = ''): Case[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json') && file.slice(0, -'.json'.length).includes(filter))
    .sort()
    .flatMap((file) => {
      const content = parseJson(readFileSync(join(folder, file), 'utf8')) as { tests: readonly JsonObject[] };
      return content.tests.flatMap((raw) => expand(file.slice(0, -'.json'.length), raw));
    });
}

function expand(file: string, raw: JsonObject): Case[] {
  const formats = (raw.format as readonly string[] | undefined) ?? [undefined];
  const settings = (raw.config as readonly Json[] | undefined) ?? [undefined];
  return formats.flatMap((format) => settings.map((setting) => oneCase(file, raw, format, setting)));
}

function oneCase(file: string, raw: JsonObject, format: string | undefined, setting: Json | undefined): Case {
  const statements = (raw.statements as readonly string[]).join('\n');
  const properties: Record<string, string> = {};
  let suffix = format === undefined ? '' : ` - ${format}`;
  for (const [name, value] of Object.entries((raw.properties ?? {}) as JsonObject)) {
    const isVaried = value === '{CONFIG}' && setting !== undefined;
    properties[name] = plainText(isVaried ? setting : value);
    if (isVaried) suffix += ` - ${name}=${properties[name]}`;
  }
  const comparesDoublesLoosely = properties[LOOSE_NUMBERS] === 'false';
  delete properties[LOOSE_NUMBERS];
  const error = raw.expectedException as JsonObject | undefined;
  return {
    file,
    name: `${file} - ${raw.name}${suffix}`,
    isDisabled: raw.enabled === false,
    script: format === undefined ? statements : statements.replaceAll('{FORMAT}', format),
    properties,
    comparesDoublesLoosely,
    topics: (raw.topics as readonly JsonObject[] | undefined) ?? [],
    inputs: records(raw.inputs),
    outputs: records(raw.outputs),
    expectedError: error && { type: String(error.type), message: String(error.message ?? '') },
    expectedSources: sources(raw.post as JsonObject | undefined),
    rest: {
      responses: (raw.responses ?? []) as readonly JsonObject[],
      expectedError: raw.expectedError as unknown as Case['rest']['expectedError'],
      queriesFirst: (raw.inputConditions as JsonObject | undefined)?.waitForActivePushQuery === true,
      isOrdered: (raw.outputConditions as JsonObject | undefined)?.verifyOrder === true,
      asksForProtobuf: raw.testPullWithProtoFormat === true,
    },
  };
}

function records(raw: Json | undefined): CaseRecord[] {
  return ((raw ?? []) as readonly JsonObject[]).map((record) => ({
    topic: record.topic as string,
    key: record.key ?? null,
    value: record.value ?? null,
    timestampMs: record.timestamp instanceof JsonNumber ? Number(record.timestamp.text) : undefined,
    headers: ((record.headers ?? []) as readonly JsonObject[]).map(({ KEY, VALUE }) => ({
      key: String(KEY),
      value: typeof VALUE === 'string' ? Buffer.from(VALUE, 'base64') : null,
    })),
    window: windowOf(record.window ?? null),
  }));
}

function windowOf(raw: Json): CaseWindow | undefined {
  if (raw === null) return undefined;
  const { start, end, type } = raw as { readonly [field: string]: Json };
  const ms = (bound: Json | undefined) => (bound instanceof JsonNumber ? Number(bound.text) : 0);
  const isSession = String(type).toLowerCase() === 'session';
  return { type: isSession ? 'session' : 'time', startMs: ms(start), endMs: ms(end) };
}

function sources(post: JsonObject | undefined): ExpectedSource[] {
  return (post?.sources ?? []) as unknown as ExpectedSource[];
}

function plainText(value: Json): string {
  return value instanceof JsonNumber ? value.text : String(value);
}
