import type { FileSystem } from '../base/fs.ts';
import type { Topics } from '../topics/topics.ts';
import { isAnyChangelog, QueryNames } from './names.ts';

/** What queries keep beside their outputs: changelog topics, and folders of snapshots. */
export class KeptState {
  readonly #topics: Topics;
  readonly #serviceId: string;
  readonly #snapshots: { readonly fs: FileSystem; readonly root: string } | undefined;

  constructor(
    topics: Topics,
    serviceId: string,
    snapshots: { readonly fs: FileSystem; readonly root: string } | undefined,
  ) {
    this.#topics = topics;
    this.#serviceId = serviceId;
    this.#snapshots = snapshots;
  }

  /** Of a query that will not run again. */
  async drop(queryId: string): Promise<void> {
    const names = new QueryNames(this.#serviceId, queryId);
    await this.#deleteTopics((name) => names.isChangelog(name));
    if (this.#snapshots) await this.#snapshots.fs.remove(`${this.#snapshots.root}/${queryId}`);
  }

  /** Of queries that are none of these: their end was decided and not carried through. */
  async dropOthers(queryIds: readonly string[]): Promise<void> {
    const kept = queryIds.map((queryId) => new QueryNames(this.#serviceId, queryId));
    await this.#deleteTopics(
      (name) => isAnyChangelog(this.#serviceId, name) && !kept.some((names) => names.isChangelog(name)),
    );
    if (!this.#snapshots) return;
    const { fs, root } = this.#snapshots;
    const folders = (await fs.list(root)).filter((name) => !queryIds.includes(name));
    await Promise.all(folders.map((name) => fs.remove(`${root}/${name}`)));
  }

  async #deleteTopics(isGone: (name: string) => boolean): Promise<void> {
    const gone = (await this.#topics.describe()).filter(({ name }) => isGone(name));
    await Promise.all(gone.map(({ name }) => this.#topics.delete(name)));
  }
}
