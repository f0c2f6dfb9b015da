import { Buffer } from 'node:buffer';
import type { FileSystem } from '../base/fs.ts';
import { type Random, uuidHex } from '../base/random.ts';
import { readWholeFile, replaceWholeFile } from '../log/whole-file.ts';
import { StartError } from './start-error.ts';

const FILE = 'meta.properties';
const LOGS = 'log';
const FORMAT_VERSION = 1;
const NODE_ID = 1;
const NOT_WRITABLE = new Set(['EACCES', 'EPERM', 'EROFS']);
const NO_FOLDER = new Set(['ENOTDIR', 'EEXIST']);

/**
 * What a data folder says about itself, in Kafka's file of that purpose:
 *
 *   version=1             format of everything in the folder
 *   cluster.id=...        for ever; clients notice when they reach another cluster
 *   node.id=1
 *   start.epoch=N         rises at each start; the leader epoch of all partitions
 *   clean.stop=true       only between a clean stop and the next start
 */
export class DataFolder {
  readonly clusterId: string;
  readonly nodeId: number;
  readonly startEpoch: number;
  readonly wasCleanStop: boolean;
  /** Nothing was ever started here. */
  readonly isNew: boolean;
  readonly #fs: FileSystem;
  readonly #path: string;

  private constructor(fs: FileSystem, path: string, before: ReadonlyMap<string, string>, random: Random) {
    this.#fs = fs;
    this.#path = path;
    this.isNew = before.size === 0;
    this.clusterId = before.get('cluster.id') ?? Buffer.from(uuidHex(random), 'hex').toString('base64url');
    this.nodeId = Number(before.get('node.id') ?? NODE_ID);
    this.startEpoch = this.isNew ? 0 : Number(before.get('start.epoch')) + 1;
    this.wasCleanStop = before.get('clean.stop') === 'true';
  }

  /** Rejects with a StartError when there is no folder and none can be made. */
  static async make(fs: FileSystem, path: string): Promise<void> {
    await fs.makeDirectory(path).catch((error: unknown) => refuse(path, error));
  }

  /** The new epoch is durable, and the mark of a clean stop gone, when this resolves. */
  static async open(fs: FileSystem, path: string, random: Random): Promise<DataFolder> {
    await DataFolder.make(fs, path);
    try {
      const bytes = await readWholeFile(fs, `${path}/${FILE}`);
      if (bytes === undefined && (await hasLogs(fs, path)))
        throw new StartError(`The folder ${path} has logs but no ${FILE}: restore it from a backup.`);
      const folder = new DataFolder(fs, path, parse(path, bytes), random);
      await folder.#write(false);
      return folder;
    } catch (error) {
      refuse(path, error);
    }
  }

  /** To be called when everything else is on disk. */
  async markCleanStop(): Promise<void> {
    await this.#write(true);
  }

  async #write(cleanStop: boolean): Promise<void> {
    const text = [
      `version=${FORMAT_VERSION}`,
      `cluster.id=${this.clusterId}`,
      `node.id=${this.nodeId}`,
      `start.epoch=${this.startEpoch}`,
      `clean.stop=${cleanStop}`,
      '',
    ].join('\n');
    await replaceWholeFile(this.#fs, `${this.#path}/${FILE}`, Buffer.from(text), { sync: true });
    await this.#fs.syncDirectory(this.#path);
  }
}

function refuse(path: string, cause: unknown): never {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (NO_FOLDER.has(code))
    throw new StartError(
      `The data folder ${path} cannot be made: a file of that name is in its place or above it.`,
      {
        cause,
      },
    );
  if (!NOT_WRITABLE.has(code)) throw cause;
  throw new StartError(
    `The data folder ${path} cannot be written (${code}): choose another or mend its rights.`,
    { cause },
  );
}

/** Of which the file has lost its epoch: begun anew, epochs would go back, and clients take new records for old ones. */
async function hasLogs(fs: FileSystem, path: string): Promise<boolean> {
  if (!(await fs.list(path)).includes(LOGS)) return false;
  return (await fs.list(`${path}/${LOGS}`)).length > 0;
}

function parse(path: string, bytes: Buffer | undefined): ReadonlyMap<string, string> {
  if (bytes === undefined) return new Map();
  const values = new Map<string, string>();
  for (const line of bytes.toString().split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0 && !line.startsWith('#'))
      values.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  const version = values.get('version');
  if (version === undefined) throw damaged(path);
  if (version !== String(FORMAT_VERSION)) {
    throw new StartError(
      `The data folder ${path} has format version ${version}; this server reads version ${FORMAT_VERSION}: use the matching release or another folder.`,
    );
  }
  if (!values.has('cluster.id') || !/^\d+$/.test(values.get('start.epoch') ?? '')) throw damaged(path);
  return values;
}

function damaged(path: string): StartError {
  return new StartError(
    `The file ${path}/${FILE} is damaged: restore it from a backup or use another folder.`,
  );
}
