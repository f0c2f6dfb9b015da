import type { OpenDiskMap } from '../../base/disk-map.ts';
import { KeyTable } from './key-table.ts';
import type { Packing } from './packing.ts';
import { type Spillable, type Spilling, SpillingMap } from './spilling-map.ts';
import type { StateBudget } from './state-budget.ts';

/** Where state goes that memory does not hold. */
export interface SpillPlace {
  readonly budget: StateBudget;
  readonly openDisk: OpenDiskMap;
  readonly folder: string;
}

/** The state of one attempt to run a query. */
export class StateSpace {
  readonly #place: SpillPlace | undefined;
  readonly #number: number;
  readonly #maps: SpillingMap<never>[] = [];
  /** One for all: a key of a table is often that of the groups made with it. */
  readonly #keys = new KeyTable();

  constructor(place?: SpillPlace, number = 0) {
    this.#place = place;
    this.#number = number;
  }

  /** `packing`: of values that a restart leaves as records, see `SpillingMap.restore`. */
  map<Value extends Spillable>(spilling: Spilling<Value>, packing?: Packing<Value>): SpillingMap<Value> {
    const place = this.#place;
    const path = place && `${place.folder}/${this.#number}-${this.#maps.length}`;
    const home = place && { budget: place.budget, openDisk: () => place.openDisk(path as string) };
    const map = new SpillingMap(spilling, home, packing, this.#keys);
    this.#maps.push(map as unknown as SpillingMap<never>);
    return map;
  }

  /** Moves state to disk if there is too much of it. Only where nobody holds an entry of any map. */
  trim(): void {
    this.#place?.budget.trim();
  }

  close(): void {
    for (const map of this.#maps.splice(0)) map.close();
  }
}

/**
 * The state of one query, from attempt to attempt: of one that has failed, the old state is read until the new one is
 * complete; of one that has stopped, until `release`.
 */
export class QueryState {
  readonly #open: () => StateSpace;
  readonly #onRelease: (state: QueryState) => void;
  readonly #spaces = new Set<StateSpace>();

  constructor(open: () => StateSpace, onRelease: (state: QueryState) => void) {
    this.#open = open;
    this.#onRelease = onRelease;
  }

  /** For an attempt, which ends with `settle` or `close`. */
  open(): StateSpace {
    const space = this.#open();
    this.#spaces.add(space);
    return space;
  }

  /** It is complete: nobody looks at any other from now on. */
  settle(settled: StateSpace): void {
    for (const space of this.#spaces) if (space !== settled) this.close(space);
  }

  close(space: StateSpace): void {
    space.close();
    this.#spaces.delete(space);
  }

  release(): void {
    for (const space of this.#spaces) this.close(space);
    this.#onRelease(this);
  }
}

/** The state of all queries of an engine. */
export class StateSpaces {
  readonly #place: SpillPlace | undefined;
  readonly #queries = new Set<QueryState>();
  #opened = 0;

  constructor(place: SpillPlace | undefined) {
    this.#place = place;
  }

  get usedBytes(): number {
    return this.#place?.budget.usedBytes ?? 0;
  }

  forQuery(): QueryState {
    const state = new QueryState(
      () => new StateSpace(this.#place, this.#opened++),
      (released) => this.#queries.delete(released),
    );
    this.#queries.add(state);
    return state;
  }

  releaseAll(): void {
    for (const state of this.#queries) state.release();
  }
}
