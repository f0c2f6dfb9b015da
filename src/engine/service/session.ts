import { Variables } from '../../sql/variables.ts';
import { FULL_ACCESS, type SqlAccess } from './access.ts';

/**
 * What a request or a shell brings along: property overrides and `${variables}`. SET, UNSET, DEFINE and UNDEFINE
 * in a script change it for the statements after them.
 */
export interface Session {
  readonly properties: Map<string, string>;
  readonly variables: Variables;
  readonly access: SqlAccess;
}

export function createSession(
  properties: Readonly<Record<string, string>> = {},
  variables: Readonly<Record<string, string>> = {},
  access: SqlAccess = FULL_ACCESS,
): Session {
  return {
    properties: new Map(Object.entries(properties).map(([name, value]) => [propertyName(name), value])),
    variables: new Variables(Object.entries(variables)),
    access,
  };
}

/** ksqlDB takes every stream property with and without its prefix. */
export function propertyName(name: string): string {
  return name.startsWith('ksql.streams.') ? name.slice('ksql.streams.'.length) : name;
}

/** One that begins with the same and goes its own way. */
export function copyOf({ properties, variables, access }: Session): Session {
  return { properties: new Map(properties), variables: new Variables(variables), access };
}
