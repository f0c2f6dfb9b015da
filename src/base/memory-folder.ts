import { MemoryFile, type Survival } from './memory-file.ts';

export type MemoryNode = MemoryFile | MemoryFolder;

/** A folder's entries as programs see them and as the disk has them. */
export class MemoryFolder {
  readonly entries = new Map<string, MemoryNode>();
  readonly durableEntries = new Map<string, MemoryNode>();
}

/** Entries that change together; `node` undefined removes the name. */
type EntryChange = readonly {
  readonly folder: MemoryFolder;
  readonly name: string;
  readonly node: MemoryNode | undefined;
}[];

/**
 * The changes of folders that no `syncDirectory` has made durable yet, oldest first. A change is atomic: a rename
 * shows in both its folders or in neither.
 */
export class EntryJournal {
  #changes: EntryChange[] = [];

  apply(change: EntryChange): void {
    for (const { folder, name, node } of change) setEntry(folder.entries, name, node);
    this.#changes.push(change);
  }

  /**
   * Makes all changes of `folder` durable, and with a rename's other side all that came before it there: applied
   * late, an older change would undo the newer.
   */
  sync(folder: MemoryFolder): void {
    const folders = new Set([folder]);
    const remaining: EntryChange[] = [];
    const durable: EntryChange[] = [];
    for (const change of this.#changes.toReversed()) {
      const concerned = change.some((entry) => folders.has(entry.folder));
      if (concerned) for (const entry of change) folders.add(entry.folder);
      (concerned ? durable : remaining).push(change);
    }
    for (const change of durable.reverse()) {
      for (const entry of change) setEntry(entry.folder.durableEntries, entry.name, entry.node);
    }
    this.#changes = remaining.reverse();
  }

  /** The tree below `root` after the process was killed; this tree stays as it is. */
  survivingKill(root: MemoryFolder): { root: MemoryFolder; journal: EntryJournal } {
    const copies = new Map<MemoryNode, MemoryNode>();
    const journal = new EntryJournal();
    const copy = <Node extends MemoryNode>(node: Node): Node => {
      const known = copies.get(node);
      if (known) return known as Node;
      const made = node instanceof MemoryFile ? node.survivingKill() : new MemoryFolder();
      copies.set(node, made);
      if (node instanceof MemoryFolder && made instanceof MemoryFolder) {
        for (const [name, child] of node.entries) made.entries.set(name, copy(child));
        for (const [name, child] of node.durableEntries) made.durableEntries.set(name, copy(child));
      }
      return made as Node;
    };
    journal.#changes = this.#changes.map((change) =>
      change.map(({ folder, name, node }) => ({ folder: copy(folder), name, node: node && copy(node) })),
    );
    return { root: copy(root), journal };
  }

  /** The tree below `root` after the power was cut; this tree stays as it is. */
  survivingPowerCut(root: MemoryFolder, survival: Survival): MemoryFolder {
    const entriesOf = new Map<MemoryFolder, Map<string, MemoryNode>>();
    const entries = (folder: MemoryFolder): Map<string, MemoryNode> => {
      const known = entriesOf.get(folder) ?? new Map(folder.durableEntries);
      entriesOf.set(folder, known);
      return known;
    };
    for (const change of this.#changes.filter(() => survival.keepsChange())) {
      for (const { folder, name, node } of change) setEntry(entries(folder), name, node);
    }
    const survivor = (folder: MemoryFolder): MemoryFolder => {
      const made = new MemoryFolder();
      for (const [name, node] of entries(folder)) {
        const child = node instanceof MemoryFile ? node.survivingPowerCut(survival) : survivor(node);
        made.entries.set(name, child);
        made.durableEntries.set(name, child);
      }
      return made;
    };
    return survivor(root);
  }
}

function setEntry(entries: Map<string, MemoryNode>, name: string, node: MemoryNode | undefined): void {
  if (node) entries.set(name, node);
  else entries.delete(name);
}
