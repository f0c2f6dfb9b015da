import type { Schema } from '../data/schema.ts';
import type { SqlType } from '../data/types.ts';
import type { TopicFormat } from './plan.ts';

/** A registered stream or table. */
export interface Source extends TopicFormat {
  readonly name: string;
  readonly relation: 'STREAM' | 'TABLE';
  /** Without the bounds of a windowed key. */
  readonly schema: Schema;
  readonly statementText: string;
  readonly timestamp?: { readonly column: string; readonly format?: string };
  /** The persistent query that came with it: writes it (CSAS, CTAS) or keeps its rows (CREATE SOURCE TABLE). */
  readonly createdByQuery?: string;
  /** CREATE SOURCE TABLE/STREAM: read only. */
  readonly readOnly?: boolean;
}

/** Names are exact (already folded to upper case unless quoted). */
export interface Catalog {
  source(name: string): Source | undefined;
  sources(): Iterable<Source>;
  /** A type named by CREATE TYPE. */
  type?(name: string): SqlType | undefined;
}
