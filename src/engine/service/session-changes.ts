import type { Planned } from '../../sql/planned.ts';
import type { Overrides } from './overrides.ts';
import { checkProperty, checkPropertyName } from './properties.ts';
import { propertyName, type Session } from './session.ts';

/** SET, UNSET, DEFINE and UNDEFINE; false for any other statement. */
export function changeSession(
  planned: Planned,
  { properties, variables }: Session,
  overrides: Overrides,
): boolean {
  switch (planned.kind) {
    case 'set':
      checkProperty(planned.name, planned.value);
      overrides.checkName(planned.name);
      properties.set(propertyName(planned.name), planned.value);
      return true;
    case 'unset':
      checkPropertyName(planned.name);
      properties.delete(propertyName(planned.name));
      return true;
    case 'define':
      variables.set(planned.name, planned.value);
      return true;
    case 'undefine':
      variables.delete(planned.name);
      return true;
    default:
      return false;
  }
}
