import type { PullShape } from '../../sql/planned.ts';

/** A shape on its way to another thread: whole the first time, by its number from then on. */
export interface SentShape {
  readonly number: number;
  readonly whole?: PullShape;
}

/** Both sides keep so many; a number is given again when its turn comes. */
const MOST_SHAPES = 256;

/** The sender's side: which shapes a thread has. Messages arrive in order, so both sides agree. */
export class SentShapes {
  readonly #numbers = new WeakMap<PullShape, number>();
  readonly #shapes: PullShape[] = [];
  #next = 0;

  send(shape: PullShape): SentShape {
    const known = this.#numbers.get(shape);
    if (known !== undefined && this.#shapes[known] === shape) return { number: known };
    const number = this.#next;
    this.#next = (number + 1) % MOST_SHAPES;
    this.#shapes[number] = shape;
    this.#numbers.set(shape, number);
    return { number, whole: shape };
  }
}

/** The receiver's side. */
export class ReceivedShapes {
  readonly #shapes: PullShape[] = [];

  receive({ number, whole }: SentShape): PullShape {
    if (whole) this.#shapes[number] = whole;
    const shape = this.#shapes[number];
    if (!shape) throw new Error(`shape ${number} of a pull query was not sent`);
    return shape;
  }
}
