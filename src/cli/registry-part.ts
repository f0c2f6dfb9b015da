import type { Millrace } from '../millrace.ts';

/** The end of the line that says where the server is: nothing where the registry is off. */
export function registryPart({ registryAddress }: Millrace): string {
  return registryAddress === undefined ? '' : ` registry=http://${registryAddress}`;
}
