import { Hono } from 'hono';
import { counts, placesOfId, schemaWithId, subjectNames, versionsOf } from '../registry/lookups.ts';
import type { SchemaVersion } from '../registry/model.ts';
import type { Registry } from '../registry/registry.ts';
import { schemaNotFound } from '../registry/registry-error.ts';
import { contextOf } from '../registry/subject.ts';
import type { RegistryRoutes } from './registry-api.ts';
import { schemaEntity, textOf, versionEntity } from './registry-entities.ts';
import {
  answer,
  answerText,
  flag,
  idOf,
  page,
  prefixOf,
  type RegistryContext,
  subjectParameter,
} from './registry-requests.ts';

/** Schemas by their ids, and all of them. */
export function schemasRoutes(registry: Registry): RegistryRoutes {
  const app: RegistryRoutes = new Hono({ strict: false });

  app.get('/schemas/types', (c) => answer(c, ['JSON', 'PROTOBUF', 'AVRO']));

  app.get('/schemas', async (c) => {
    const which = flag(c, 'deleted') ? 'with' : 'without';
    const entities = await registry.read((state) =>
      subjectNames(state, prefixOf(c), which)
        .flatMap((subject) => {
          const versions = versionsOf(state, subject, which);
          return flag(c, 'latestOnly') ? versions.slice(-1) : versions;
        })
        .map((version) => versionEntity(version)),
    );
    return answer(c, page(c, entities));
  });

  app.get('/schemas/ids/:id', async (c) => {
    const entity = await registry.read((state, languages) => {
      const schema = schemaWithId(state, idOf(c), subjectParameter(c));
      const text = textOf(state, languages, schema, c.req.query('format'));
      const maxId = state.maxId(contextOf(schema.subject));
      return { ...schemaEntity(schema, text), ...(flag(c, 'fetchMaxId') && { maxId }) };
    });
    return answer(c, entity);
  });

  app.get('/schemas/ids/:id/schema', async (c) => {
    const text = await registry.read((state, languages) =>
      textOf(state, languages, schemaWithId(state, idOf(c), subjectParameter(c)), c.req.query('format')),
    );
    return answerText(c, text);
  });

  /** Throws 40403 for an id that nothing has; that everything which has it is deleted is an empty answer. */
  const placesOf = (c: RegistryContext): Promise<SchemaVersion[]> =>
    registry.read((state) => {
      const places = placesOfId(state, idOf(c), subjectParameter(c));
      if (places.length === 0) throw schemaNotFound(idOf(c));
      const which = flag(c, 'deleted') ? 'with' : 'without';
      return places.filter((place) => counts(place, which));
    });

  app.get('/schemas/ids/:id/subjects', async (c) => {
    const names = (await placesOf(c)).map(({ subject }) => subject);
    return answer(c, page(c, [...new Set(names)].sort()));
  });

  app.get('/schemas/ids/:id/versions', async (c) => {
    const places = (await placesOf(c)).map(({ subject, version }) => ({ subject, version }));
    return answer(c, page(c, places));
  });

  app.get('/schemas/guids/:guid', async (c) => {
    const guid = c.req.param('guid').toLowerCase();
    const entity = await registry.read((state, languages) => {
      const [schema] = state.withGuid(guid);
      if (!schema) throw schemaNotFound(guid);
      return schemaEntity(schema, textOf(state, languages, schema, c.req.query('format')));
    });
    return answer(c, entity);
  });

  app.get('/schemas/guids/:guid/ids', async (c) => {
    const guid = c.req.param('guid').toLowerCase();
    const places = await registry.read((state) => state.withGuid(guid));
    if (places.length === 0) throw schemaNotFound(guid);
    const ids = new Map(places.map(({ subject, id }) => [contextOf(subject), id]));
    return answer(
      c,
      [...ids].map(([context, id]) => ({ context, id })),
    );
  });
  return app;
}
