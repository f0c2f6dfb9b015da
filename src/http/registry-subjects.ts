import { Hono } from 'hono';
import { deleteSubject, deleteVersion, REMOVED_AT_ONCE } from '../registry/deletions.ts';
import {
  type Deleted,
  existingVersion,
  findVersion,
  hasSubject,
  referencedBy,
  resolveSubject,
  subjectNames,
  versionsOf,
} from '../registry/lookups.ts';
import type { SchemaVersion } from '../registry/model.ts';
import { lookUp, register, whyIncompatible } from '../registry/register.ts';
import type { Registry } from '../registry/registry.ts';
import { schemaNotFound, subjectNotFound, versionNotFound } from '../registry/registry-error.ts';
import type { RegistryState } from '../registry/registry-state.ts';
import { aliased } from '../registry/settings.ts';
import { type BodyLimits, readJsonObject } from './body.ts';
import type { RegistryRoutes } from './registry-api.ts';
import { textOf, versionEntity } from './registry-entities.ts';
import {
  answer,
  answerText,
  flag,
  page,
  prefixOf,
  type RegistryContext,
  schemaIn,
  subjectOf,
  versionOf,
} from './registry-requests.ts';

/** Subjects and their versions, and whether a schema could be the next one. */
export function subjectsRoutes(registry: Registry, limits: BodyLimits): RegistryRoutes {
  const app: RegistryRoutes = new Hono({ strict: false });
  const given = async (c: RegistryContext) =>
    schemaIn(await readJsonObject(c.env.incoming, limits), flag(c, 'normalize'));
  /** The subject that a reader means: behind an alias, or of the only context that has it. */
  const meant = (state: RegistryState, c: RegistryContext, which: Deleted) =>
    resolveSubject(state, aliased(state, subjectOf(c)), which);
  const found = (c: RegistryContext, state: RegistryState, which = deletedOf(c)) =>
    existingVersion(state, meant(state, c, which), versionOf(c), which);

  app.get('/subjects', async (c) => {
    const names = await registry.read((state) => subjectNames(state, prefixOf(c), deletedOf(c)));
    return answer(c, page(c, names));
  });

  app.post('/subjects/:subject', async (c) => {
    const schema = await given(c);
    const which = flag(c, 'deleted') ? 'with' : 'without';
    const entity = await registry.read((state, languages) => {
      const subject = meant(state, c, which);
      if (!hasSubject(state, subject, which)) throw subjectNotFound(subject);
      const version = lookUp(state, languages, subject, schema, which);
      if (!version) throw schemaNotFound();
      return versionEntity(version, textOf(state, languages, version, c.req.query('format')));
    });
    return answer(c, entity);
  });

  app.delete('/subjects/:subject', async (c) => {
    const permanent = flag(c, 'permanent');
    const deleted: number[] = [];
    for (;;) {
      const versions = await registry.write((state) => deleteSubject(state, subjectOf(c), permanent));
      deleted.push(...versions);
      if (!permanent || versions.length < REMOVED_AT_ONCE) return answer(c, deleted);
    }
  });

  app.get('/subjects/:subject/versions', async (c) => {
    const which = deletedOf(c);
    const versions = await registry.read((state) => {
      const subject = meant(state, c, which);
      if (!hasSubject(state, subject, which)) throw subjectNotFound(subject);
      const negative = flag(c, 'deletedAsNegative');
      return versionsOf(state, subject, which).map(({ version, deleted }) =>
        deleted && negative ? -version : version,
      );
    });
    return answer(c, page(c, versions));
  });

  app.post('/subjects/:subject/versions', async (c) => {
    const schema = await given(c);
    const { id, version, guid } = await registry.write((state, languages) =>
      register(state, languages, aliased(state, subjectOf(c)), schema),
    );
    return answer(c, { id, version, guid });
  });

  app.get('/subjects/:subject/versions/:version', async (c) => {
    const entity = await registry.read((state, languages) => {
      const version = found(c, state);
      return versionEntity(version, textOf(state, languages, version, c.req.query('format')));
    });
    return answer(c, entity);
  });

  app.get('/subjects/:subject/versions/:version/schema', async (c) => {
    const text = await registry.read((state, languages) =>
      textOf(state, languages, found(c, state), c.req.query('format')),
    );
    return answerText(c, text);
  });

  app.get('/subjects/:subject/versions/:version/referencedby', async (c) =>
    answer(c, await registry.read((state) => referencedBy(state, found(c, state, 'with')))),
  );

  app.delete('/subjects/:subject/versions/:version', async (c) => {
    const version = await registry.write((state) =>
      deleteVersion(state, subjectOf(c), versionOf(c), flag(c, 'permanent')),
    );
    return answer(c, version);
  });

  /** The newest version that has all these metadata properties. */
  app.get('/subjects/:subject/metadata', async (c) => {
    const keys = c.req.queries('key') ?? [];
    const values = c.req.queries('value') ?? [];
    const entity = await registry.read((state) => {
      const which = deletedOf(c);
      const subject = meant(state, c, which);
      const matches = ({ metadata }: SchemaVersion) => {
        const properties = (metadata?.properties ?? {}) as Record<string, unknown>;
        return keys.every((key, index) => properties[key] === values[index]);
      };
      const version = versionsOf(state, subject, which).findLast(matches);
      if (version) return versionEntity(version);
      throw hasSubject(state, subject, which) ? versionNotFound('latest') : subjectNotFound(subject);
    });
    return answer(c, entity);
  });

  app.post('/compatibility/subjects/:subject/versions', async (c) => {
    const schema = await given(c);
    const reasons = await registry.read((state, languages) =>
      whyIncompatible(state, languages, aliased(state, subjectOf(c)), schema),
    );
    return answer(c, compatibilityEntity(c, reasons));
  });

  app.post('/compatibility/subjects/:subject/versions/:version', async (c) => {
    const schema = await given(c);
    const reasons = await registry.read((state, languages) => {
      const version = versionOf(c);
      const subject = aliased(state, subjectOf(c));
      const against = findVersion(state, subject, version, 'without');
      if (against) return whyIncompatible(state, languages, subject, schema, against);
      // Nothing stands in the way of a first version.
      if (version === 'latest') return [];
      throw hasSubject(state, subject, 'without') ? versionNotFound(version) : subjectNotFound(subject);
    });
    return answer(c, compatibilityEntity(c, reasons));
  });
  return app;
}

function deletedOf(c: RegistryContext): Deleted {
  if (flag(c, 'deletedOnly')) return 'only';
  return flag(c, 'deleted') ? 'with' : 'without';
}

function compatibilityEntity(c: RegistryContext, reasons: readonly string[]): object {
  const is_compatible = reasons.length === 0;
  return flag(c, 'verbose') ? { is_compatible, messages: reasons } : { is_compatible };
}
