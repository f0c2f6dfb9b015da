import { Hono } from 'hono';
import type { Registry } from '../registry/registry.ts';
import { registryError } from '../registry/registry-error.ts';
import {
  changeConfig,
  changeMode,
  configInScope,
  modeInScope,
  removeConfig,
  removeMode,
} from '../registry/settings.ts';
import { type BodyLimits, readJsonObject } from './body.ts';
import type { RegistryRoutes } from './registry-api.ts';
import { answer, configIn, flag, modeIn, type RegistryContext, scopeOf } from './registry-requests.ts';

/** Compatibility levels and modes: of everything, of a context, of a subject. */
export function settingsRoutes(registry: Registry, limits: BodyLimits): RegistryRoutes {
  const app: RegistryRoutes = new Hono({ strict: false });

  const getConfig = async (c: RegistryContext) => {
    const scope = scopeOf(c);
    const config = await registry.read((state) => {
      if (scope === null || flag(c, 'defaultToGlobal')) return configInScope(state, scope);
      const own = state.config(scope);
      if (own) return own;
      throw registryError(
        'noConfig',
        `Subject '${scope}' does not have subject-level compatibility configured`,
      );
    });
    return answer(c, config);
  };
  const putConfig = async (c: RegistryContext) => {
    const body = await readJsonObject(c.env.incoming, limits);
    const change = configIn(body);
    await registry.write((state) => changeConfig(state, scopeOf(c), change));
    return answer(c, body);
  };
  const deleteConfig = async (c: RegistryContext) =>
    answer(c, await registry.write((state) => removeConfig(state, scopeOf(c))));

  const getMode = async (c: RegistryContext) => {
    const scope = scopeOf(c);
    const mode = await registry.read((state) => {
      if (scope === null || flag(c, 'defaultToGlobal')) return modeInScope(state, scope);
      const own = state.mode(scope);
      if (own) return own;
      throw registryError('noMode', `Subject '${scope}' does not have subject-level mode configured`);
    });
    return answer(c, { mode });
  };
  const putMode = async (c: RegistryContext) => {
    const mode = modeIn((await readJsonObject(c.env.incoming, limits)).mode);
    const force = flag(c, 'force');
    await registry.write((state) => changeMode(state, scopeOf(c), mode, { force }));
    return answer(c, { mode });
  };
  const deleteMode = async (c: RegistryContext) => {
    const mode = await registry.write((state) => removeMode(state, scopeOf(c)));
    return answer(c, { mode });
  };

  for (const path of ['/config', '/config/:subject'])
    app.get(path, getConfig).put(path, putConfig).delete(path, deleteConfig);
  for (const path of ['/mode', '/mode/:subject'])
    app.get(path, getMode).put(path, putMode).delete(path, deleteMode);
  return app;
}
