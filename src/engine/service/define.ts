import type { Planned } from '../../sql/planned.ts';
import type { Definitions, Given } from './definitions.ts';
import type { Entity } from './entities.ts';

/** A planned statement that changes the catalog, given to the one that does it; undefined for any other. */
export function define(
  definitions: Definitions,
  planned: Planned,
  given: Given,
): Promise<Entity | undefined> | undefined {
  switch (planned.kind) {
    case 'createSource':
      return definitions.createSource(planned, given);
    case 'createQuery':
      return definitions.createQuery(planned, given);
    case 'insertQuery':
      return definitions.insertQuery(planned, given);
    case 'alter':
      return definitions.alter(planned, given);
    case 'drop':
      return definitions.drop(planned, given);
    case 'createType':
      return definitions.createType(planned, given);
    case 'dropType':
      return definitions.dropType(planned, given);
    case 'alterSystem':
      return definitions.alterSystem(planned, given);
    default:
      return undefined;
  }
}
