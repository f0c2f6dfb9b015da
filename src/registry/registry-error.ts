import { SchemaRegistryError } from '../serde/schema-registry.ts';

/** Codes of the Schema Registry API; their first three digits are the HTTP status. */
export const CODES = {
  subjectNotFound: 40401,
  versionNotFound: 40402,
  schemaNotFound: 40403,
  subjectDeleted: 40404,
  subjectNotDeleted: 40405,
  versionDeleted: 40406,
  versionNotDeleted: 40407,
  noConfig: 40408,
  noMode: 40409,
  incompatible: 409,
  invalidSchema: 42201,
  invalidVersion: 42202,
  invalidLevel: 42203,
  invalidMode: 42204,
  notPermitted: 42205,
  referenced: 42206,
  idMismatch: 42207,
  invalidSubject: 42208,
  tooLarge: 42209,
  storeFailed: 50001,
} as const;

export function registryError(kind: keyof typeof CODES, message: string): SchemaRegistryError {
  return new SchemaRegistryError(message, CODES[kind]);
}

export function subjectNotFound(subject: string): SchemaRegistryError {
  return registryError('subjectNotFound', `Subject '${subject}' not found.`);
}

export function versionNotFound(version: number | 'latest'): SchemaRegistryError {
  return registryError('versionNotFound', `Version ${version} not found.`);
}

export function schemaNotFound(id?: number | string): SchemaRegistryError {
  return registryError('schemaNotFound', id === undefined ? 'Schema not found' : `Schema ${id} not found`);
}

export function invalidSchema(reason: string): SchemaRegistryError {
  return registryError('invalidSchema', reason);
}
