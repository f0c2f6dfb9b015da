import { StartError } from '../start-error.ts';

/** From the distinguished name in a certificate to the name of a user; undefined when no rule applies. */
export type PrincipalMapping = (distinguishedName: string) => string | undefined;

const RULE = /\s*(?:(DEFAULT)|RULE:((?:\\.|[^\\/])*)\/((?:\\.|[^\\/])*)\/([LU]?))\s*(?:,|$)/y;

/**
 * `ssl.principal.mapping.rules` (KIP-371): the first rule that matches the whole name counts.
 *
 *   RULE:^CN=(.*?),OU=.*$/$1/L,DEFAULT      L and U change the case of the outcome
 */
export function principalMapping(text: string): PrincipalMapping {
  const rules: PrincipalMapping[] = [];
  RULE.lastIndex = 0;
  while (RULE.lastIndex < text.length) {
    const match = RULE.exec(text);
    if (match === null)
      throw new StartError(
        `ssl.principal.mapping.rules: '${text}' is not RULE:PATTERN/REPLACEMENT/[LU] or DEFAULT, with commas between.`,
      );
    rules.push(match[1] === undefined ? rule(match[2]!, match[3]!, match[4]!) : (name) => name);
  }
  return (name) => {
    for (const each of rules) {
      const mapped = each(name);
      if (mapped !== undefined) return mapped;
    }
    return undefined;
  };
}

function rule(pattern: string, replacement: string, letterCase: string): PrincipalMapping {
  let whole: RegExp;
  try {
    whole = new RegExp(`^(?:${pattern})$`);
  } catch (cause) {
    throw new StartError(`ssl.principal.mapping.rules: ${(cause as Error).message}.`, { cause });
  }
  return (name) => {
    if (!whole.test(name)) return undefined;
    const mapped = name.replace(whole, replacement);
    if (letterCase === 'L') return mapped.toLowerCase();
    return letterCase === 'U' ? mapped.toUpperCase() : mapped;
  };
}
