import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClientError } from '../client-error.ts';
import { parseProperties, readText } from '../config-file.ts';

export const CONFIG_FILE = 'ksql-migrations.properties';
const FOLDER = 'migrations';
const HIGHEST_VERSION = 999_999;
/** V000001__name.sql; the name has underscores for spaces. */
const FILE_NAME = /^V(\d{6})__(.+)\.sql$/;

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly path: string;
  readonly text: string;
  /** MD5 of the text in hex, as ksql-migrations keeps it. */
  readonly checksum: string;
}

/** A project of migrations on disk: a properties file and, beside it, a folder of numbered scripts. */
export class MigrationFiles {
  readonly #folder: string;
  readonly properties: Readonly<Record<string, string>>;

  private constructor(folder: string, properties: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.properties = properties;
  }

  /** Makes a new project; what is there already is left alone. */
  static create(projectFolder: string, serverUrl: string): void {
    const file = join(projectFolder, CONFIG_FILE);
    if (existsSync(file)) throw new ClientError(`${file} exists already: the folder holds a project.`);
    mkdirSync(join(projectFolder, FOLDER), { recursive: true });
    writeFileSync(file, `ksql.server.url=${serverUrl}\n`);
  }

  static open(configFile: string): MigrationFiles {
    if (!existsSync(configFile))
      throw new ClientError(
        `there is no ${configFile} here: go to the project's folder or name the file with --config-file; migrations new-project makes a project`,
      );
    const properties = parseProperties(readText(configFile));
    const besides = join(configFile, '..', FOLDER);
    return new MigrationFiles(properties['ksql.migrations.dir.override'] ?? besides, properties);
  }

  /** By version, of which none may be there twice. */
  all(): Migration[] {
    const found = this.#names().flatMap((file) => {
      const match = FILE_NAME.exec(file);
      return match ? [this.#read(file, Number(match[1]), match[2]!)] : [];
    });
    found.sort((a, b) => a.version - b.version);
    const twice = found.find(({ version }, i) => found[i + 1]?.version === version);
    if (twice) throw new ClientError(`Version ${twice.version} is there twice in ${this.#folder}.`);
    return found;
  }

  /** An empty script with the next version unless another one is wanted. Returns its path. */
  add(description: string, wanted?: number): string {
    const versions = this.all().map(({ version }) => version);
    const version = wanted ?? Math.max(0, ...versions) + 1;
    if (version < 1 || version > HIGHEST_VERSION)
      throw new ClientError(`A version is between 1 and ${HIGHEST_VERSION}, not ${version}.`);
    if (versions.includes(version)) throw new ClientError(`Version ${version} is there already.`);
    const name = description.trim().replaceAll(/\s+/g, '_');
    if (!/^[\w.-]+$/.test(name))
      throw new ClientError(`'${description}' cannot be part of a file's name: use letters and digits.`);
    const path = join(this.#folder, `V${String(version).padStart(6, '0')}__${name}.sql`);
    writeFileSync(path, '');
    return path;
  }

  #names(): string[] {
    try {
      return readdirSync(this.#folder);
    } catch (error) {
      throw new ClientError(`cannot read ${this.#folder}: ${(error as Error).message}`);
    }
  }

  #read(file: string, version: number, name: string): Migration {
    const path = join(this.#folder, file);
    const text = readFileSync(path, 'utf8');
    const checksum = createHash('md5').update(text).digest('hex');
    return { version, name: name.replaceAll('_', ' '), path, text, checksum };
  }
}
