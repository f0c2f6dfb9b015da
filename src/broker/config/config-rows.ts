import { CONFIG_TYPES, type ConfigDefinition, type ConfigType } from './config-table.ts';

/**
 * Rows of a config table as text, one a line, because three hundred of them are read more easily so:
 *
 *     name | type | default | allowed | change | what it means
 *
 *     default   `-` where there is no value
 *     allowed   `1..9` a range, `1..` one without an end, `a,b` words, `~a,b` words in any case, `-1,1..9` a word beside a range
 *     change    `cluster` for all brokers or one while it runs, `broker` for one alone, nothing: only at start,
 *               `internal` only at start and not shown
 */
export function configRows(text: string): readonly ConfigDefinition[] {
  return text.trim().split('\n').map(row);
}

function row(line: string): ConfigDefinition {
  const [name, type, value, allowed, change, doc] = line.split('|').map((cell) => cell.trim());
  if (doc === undefined || !CONFIG_TYPES.includes(type as ConfigType)) throw new Error(`config row ${line}`);
  return {
    name: name!,
    type: type as ConfigType,
    default: value === '-' ? null : value!,
    doc,
    ...allowedValues(allowed!),
    ...(change === '' || change === 'internal' ? { readOnly: true } : {}),
    ...(change === 'broker' ? { perBroker: true } : {}),
    ...(change === 'internal' ? { internal: true } : {}),
  };
}

function allowedValues(text: string): Partial<ConfigDefinition> {
  if (text === '') return {};
  const range = /^(?:([^.,]+),)?(-?[\d.]*?\d)\.\.(-?[\d.]*)$/.exec(text);
  if (range === null) {
    const anyCase = text.startsWith('~');
    return { oneOf: text.slice(anyCase ? 1 : 0).split(','), ...(anyCase && { anyCase }) };
  }
  const [, also, min, max] = range;
  return {
    min: Number(min),
    ...(max !== '' && { max: Number(max) }),
    ...(also !== undefined && { also }),
  };
}
