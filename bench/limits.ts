// What the machine can do at most: the figures that those of the other benchmarks are to be held against.

import { closeSync, constants, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { crc32c } from '../src/record/crc32c.ts';
import type { Bench } from './support/bench.ts';
import { resultRow } from './support/results.ts';

const GIGABYTE = 1e9;
const MEBIBYTE = 1024 * 1024;
const KEYS = 10_000;

/** Each gives one figure; taken once a round. */
const LIMITS: readonly {
  readonly name: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  readonly measure: () => number | Promise<number>;
}[] = [
  { name: 'crc32c of 64 KiB', unit: 'GB/s', better: 'higher', measure: checksum },
  { name: 'write to the page cache, 1 MiB', unit: 'GB/s', better: 'higher', measure: pageCache },
  { name: 'write and fdatasync of 64 KiB', unit: 'ms', better: 'lower', measure: () => synced(64 * 1024) },
  { name: 'write and fdatasync of 1 MiB', unit: 'ms', better: 'lower', measure: () => synced(MEBIBYTE) },
  { name: 'loopback between two threads', unit: 'GB/s', better: 'higher', measure: loopback },
  { name: 'JSON.parse of a scoreboard event', unit: 'events/s', better: 'higher', measure: jsonParse },
  { name: 'Map of 10,000 keys, get', unit: 'lookups/s', better: 'higher', measure: () => mapGet(KEYS) },
  {
    name: 'Map of 1,000,000 keys, get',
    unit: 'lookups/s',
    better: 'higher',
    measure: () => mapGet(1_000_000),
  },
];

export const limits: Bench = async ({ rounds }) => {
  const rows = [];
  for (const { name, unit, better, measure } of LIMITS) {
    const ours = [];
    for (let round = 0; round < rounds; round++) ours.push({ value: await measure() });
    rows.push(resultRow({ bench: 'limits', name, unit, better, settings: { threads: 1 }, ours }));
  }
  return rows;
};

function seconds(work: () => void): number {
  const begun = performance.now();
  work();
  return (performance.now() - begun) / 1000;
}

function checksum(): number {
  const bytes = Buffer.alloc(64 * 1024, 7);
  const times = 20_000;
  const taken = seconds(() => {
    for (let n = 0; n < times; n++) crc32c(bytes);
  });
  return (times * bytes.length) / taken / GIGABYTE;
}

function inFile<Result>(use: (fd: number) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-limits-'));
  const fd = openSync(join(folder, 'file'), constants.O_CREAT | constants.O_WRONLY);
  try {
    return use(fd);
  } finally {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  }
}

function pageCache(): number {
  const bytes = Buffer.alloc(MEBIBYTE, 7);
  const times = 512;
  return inFile((fd) => {
    const taken = seconds(() => {
      for (let n = 0; n < times; n++) writeSync(fd, bytes);
    });
    return (times * bytes.length) / taken / GIGABYTE;
  });
}

function synced(size: number): number {
  const bytes = Buffer.alloc(size, 7);
  const times = 200;
  return inFile((fd) => {
    const taken = seconds(() => {
      for (let n = 0; n < times; n++) {
        writeSync(fd, bytes);
        fdatasyncSync(fd);
      }
    });
    return (taken / times) * 1000;
  });
}

/** A thread writes as fast as a socket takes it, this one reads. */
async function loopback(): Promise<number> {
  const total = GIGABYTE;
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const writer = new Worker(
    `const { connect } = require('node:net');
     const bytes = Buffer.alloc(1 << 20, 7);
     const socket = connect(${port}, '127.0.0.1');
     let left = ${total};
     const more = () => { while (left > 0) { left -= bytes.length; if (!socket.write(bytes)) return; } socket.end(); };
     socket.on('drain', more).on('connect', more);`,
    { eval: true },
  );
  const taken = await new Promise<number>((resolve) => {
    server.once('connection', (socket) => {
      const begun = performance.now();
      socket.resume().once('end', () => resolve((performance.now() - begun) / 1000));
    });
  });
  await writer.terminate();
  await new Promise((resolve) => server.close(resolve));
  return total / taken / GIGABYTE;
}

function jsonParse(): number {
  const bytes = Buffer.from('{"USER":"player1234","GAME":{"SCORE":31000,"LIVES":2,"LEVEL":17}}');
  const times = 500_000;
  let sum = 0;
  const taken = seconds(() => {
    for (let n = 0; n < times; n++)
      sum += (JSON.parse(bytes.toString('utf8')) as { GAME: { SCORE: number } }).GAME.SCORE;
  });
  return sum > 0 ? times / taken : 0;
}

function mapGet(keys: number): number {
  const names = Array.from({ length: keys }, (_, n) => `player${n}`);
  const map = new Map(names.map((name, n) => [name, { n }]));
  const times = 2_000_000;
  let sum = 0;
  const taken = seconds(() => {
    for (let n = 0; n < times; n++) sum += map.get(names[(n * 7919) % keys] as string)?.n ?? 0;
  });
  return sum > 0 ? times / taken : 0;
}
