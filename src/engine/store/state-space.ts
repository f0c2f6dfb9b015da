import type { OpenDiskMap } from '../../base/disk-map.ts';
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
  /** Whether it is what the query's readers see. */
  isSettled = false;
  readonly #place: SpillPlace | undefined;
  readonly #number: number;
  readonly #maps: SpillingMap<never>[] = [];

  constructor(place?: SpillPlace, number = 0) {
    this.#place = place;
    this.#number = number;
  }

  map<Value extends Spillable>(spilling: Spilling<Value>): SpillingMap<Value> {
    const place = this.#place;
    const path = place && `${place.folder}/${this.#number}-${this.#maps.length}`;
    const home = place && { budget: place.budget, openDisk: () => place.openDisk(path as string) };
    const map = new SpillingMap(spilling, home);
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
 * The state of all queries of an engine. Of a query that fails, the old state is read until the new one is complete;
 * that of a query that has stopped, until it goes on or is dropped.
 */
export class StateSpaces {
  readonly #place: SpillPlace | undefined;
  readonly #ofQuery = new Map<string, Set<StateSpace>>();
  #opened = 0;

  constructor(place: SpillPlace | undefined) {
    this.#place = place;
  }

  open(queryId: string): StateSpace {
    const space = new StateSpace(this.#place, this.#opened++);
    const spaces = this.#ofQuery.get(queryId);
    if (spaces) spaces.add(space);
    else this.#ofQuery.set(queryId, new Set([space]));
    return space;
  }

  /** From now on this is the query's state. */
  settle(queryId: string, settled: StateSpace): void {
    settled.isSettled = true;
    for (const space of this.#ofQuery.get(queryId) ?? []) if (space !== settled) this.close(queryId, space);
  }

  close(queryId: string, space: StateSpace): void {
    space.close();
    this.#ofQuery.get(queryId)?.delete(space);
  }

  drop(queryId: string): void {
    for (const space of this.#ofQuery.get(queryId) ?? []) space.close();
    this.#ofQuery.delete(queryId);
  }

  closeAll(): void {
    for (const queryId of [...this.#ofQuery.keys()]) this.drop(queryId);
  }
}
