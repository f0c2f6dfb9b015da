import { after } from 'node:test';
import { Millrace } from '../src/millrace.ts';
import { describeSqlOverHttp } from './contract/sql-http-contract.ts';
import { osFolder } from './support/os-folder.ts';

describeSqlOverHttp('queries in the log’s thread', (options) =>
  Millrace.start({ ...options, data: 'memory' }),
);

const folder = await osFolder();
after(folder.remove);

describeSqlOverHttp('queries in threads of their own', (options) =>
  Millrace.start({ ...options, data: folder.dataDir, workers: 1 }),
);
