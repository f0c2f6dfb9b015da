/**
 * The file system as the log needs it. Two implementations: the operating system's and one in memory
 * that can crash (`memory-fs.ts`). Paths use `/`. Errors are those of node:fs (`code` ENOENT, ENOSPC, EIO ...).
 */
export interface FileSystem {
  /** Opens for reading and writing; `create` makes the file when it is missing (else ENOENT). */
  open(path: string, options: { readonly create: boolean }): Promise<FileHandle>;
  /** Makes the folder and its parents; existing is fine. */
  makeDirectory(path: string): Promise<void>;
  /** Names of the entries, sorted; a missing folder gives []. */
  list(path: string): Promise<string[]>;
  /** Replaces `to` atomically; durable only after `syncDirectory` of the parent. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file or a whole folder; missing is fine. */
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals inside the folder durable. */
  syncDirectory(path: string): Promise<void>;
  /** How large the volume is that holds the folder, and how much of it may still be used. */
  space(path: string): Promise<DiskSpace>;
}

/** -1 where nobody knows. */
export interface DiskSpace {
  readonly totalBytes: number;
  readonly usableBytes: number;
}

/** An open file. All positions are absolute bytes; there is no cursor. */
export interface FileHandle {
  /** Fills `target` from `position`; returns the bytes read, fewer than asked only at the end of the file. */
  read(target: Uint8Array, position: number): Promise<number>;
  /** Writes all buffers one after another at `position`, or rejects (a prefix may then have been written). */
  write(buffers: readonly Uint8Array[], position: number): Promise<void>;
  /** Writes so that these buffers survive a power cut when it resolves; after a rejection nothing is known of them. */
  writeDurably(buffers: readonly Uint8Array[], position: number): Promise<void>;
  /** fdatasync: everything written so far survives a power cut. After a rejection nothing is known. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}
