import { readFileSync } from 'node:fs';
import { SettingsError } from './settings-error.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not read it',
};

/** A YAML file of settings, or a Java properties file when its name ends so. Throws SettingsError. */
export async function readConfigFile(path: string): Promise<Record<string, unknown>> {
  const text = readText(path);
  if (path.endsWith('.properties')) return parseProperties(text);
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new SettingsError(`${path} is not YAML: ${(error as Error).message.split('\n')[0]}`);
  }
  if (value === null || value === undefined) return {};
  if (typeof value !== 'object' || Array.isArray(value))
    throw new SettingsError(`${path} must hold settings as 'name: value' lines`);
  return value as Record<string, unknown>;
}

/** Any text file that a flag names. Throws SettingsError. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new SettingsError(`cannot read ${path}: ${REASONS[code] ?? message}`);
  }
}

/**
 * Lines `name=value` as java.util.Properties reads them: `#` and `!` begin comments, a backslash at the end goes on with
 * the next line, and within it begins `\\n`, `\\t`, `\\u0041` or a character that would mean something else.
 */
export function parseProperties(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.replaceAll(/^\s*[#!].*$/gm, '').replaceAll(/(?<!\\)((?:\\\\)*)\\\r?\n\s*/g, '$1');
  for (const line of lines.split(/\r?\n/)) {
    const match = /^\s*((?:\\.|[^=:\s\\])+)\s*[=:]?\s*(.*?)\s*$/.exec(line);
    if (match) values[unescaped(match[1]!)] = unescaped(match[2]!);
  }
  return values;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f' };

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, code?: string, letter = '') =>
    code === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
