import { SeededRandom } from '../../src/base/seeded-random.ts';

// The events of the Nexmark benchmark, an online auction: people, what they sell, and bids, in the public benchmark's
// proportions (1 : 3 : 46) and with its hot spots. Each event is a function of its number; one comes each millisecond, so that
// no two have the same time and every result is determined.

const EVENTS_PER_EPOCH = 50;
const PEOPLE_PER_EPOCH = 1;
const AUCTIONS_PER_EPOCH = 3;
const FIRST_ID = 1_000;
const START_MS = Date.UTC(2026, 0, 1);

const ACTIVE_PEOPLE = 1_000;
const AUCTIONS_IN_FLIGHT = 100;
/** People and auctions may be named a little before they appear. */
const ID_LEAD = 10;
const HOT_SELLERS = 4;
const HOT_BIDDERS = 4;
const HOT_AUCTIONS = 2;
/** Of every so many ids one is hot. */
const HOT_EVERY = 100;

/** What an event takes in all, on the average. */
const PERSON_BYTES = 200;
const AUCTION_BYTES = 500;
const BID_BYTES = 100;

const FIRST_NAMES = ['Ada', 'Ben', 'Cleo', 'Dan', 'Eve', 'Finn', 'Gus', 'Hanna', 'Ida', 'Jon', 'Kate'];
const LAST_NAMES = ['Abel', 'Brand', 'Cole', 'Diaz', 'Eder', 'Frei', 'Gross', 'Hall', 'Ivers'];
const STATES = ['AZ', 'CA', 'ID', 'OR', 'WA', 'WY'];
const CITIES = [
  'Phoenix',
  'Los Angeles',
  'San Francisco',
  'Boise',
  'Portland',
  'Bend',
  'Redmond',
  'Seattle',
  'Kent',
];
const HOT_CHANNELS = ['Google', 'Facebook', 'Baidu', 'Apple'];
const CHANNELS = 10_000;

export type Topic = 'person' | 'auction' | 'bid';

export interface NexmarkEvent {
  readonly topic: Topic;
  /** null: the topic has no keys. */
  readonly key: number | null;
  readonly value: Readonly<Record<string, string | number>>;
  readonly timestampMs: number;
}

export function nexmarkEvent(n: number): NexmarkEvent {
  const random = new Draw(n);
  const timestampMs = START_MS + n;
  const place = n % EVENTS_PER_EPOCH;
  if (place < PEOPLE_PER_EPOCH) return person(n, timestampMs, random);
  if (place < PEOPLE_PER_EPOCH + AUCTIONS_PER_EPOCH) return auction(n, timestampMs, random);
  return bid(n, timestampMs, random);
}

/** Chances of one event. */
class Draw {
  readonly #random: SeededRandom;

  constructor(n: number) {
    this.#random = new SeededRandom(n);
  }

  below(bound: number): number {
    return Math.floor(this.#random.next() * bound);
  }

  of<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** From 1 to 10^8, evenly by their logarithm: most things are cheap. */
  price(): number {
    return Math.round(10 ** (this.#random.next() * 6) * 100);
  }

  letters(count: number): string {
    let text = '';
    while (text.length < count) text += String.fromCharCode(97 + this.below(26));
    return text;
  }

  /** So that the event has its size, more or less a fifth. */
  extra(value: Readonly<Record<string, unknown>>, bytes: number): string {
    const missing = bytes - JSON.stringify(value).length;
    const fifth = Math.round(missing * 0.2);
    return missing <= 0 ? '' : this.letters(missing - fifth + this.below(2 * fifth + 1));
  }
}

/** How many people, or auctions, there are up to event n, itself included. */
function peopleUpTo(n: number): number {
  return Math.floor(n / EVENTS_PER_EPOCH) + 1;
}

function auctionsUpTo(n: number): number {
  const place = n % EVENTS_PER_EPOCH;
  const inEpoch = Math.min(Math.max(place - PEOPLE_PER_EPOCH + 1, 0), AUCTIONS_PER_EPOCH);
  return Math.floor(n / EVENTS_PER_EPOCH) * AUCTIONS_PER_EPOCH + inEpoch;
}

function anyPerson(n: number, random: Draw): number {
  const people = peopleUpTo(n);
  const active = Math.min(people, ACTIVE_PEOPLE);
  return FIRST_ID + people - active + random.below(active + ID_LEAD);
}

function anyAuction(n: number, random: Draw): number {
  const auctions = auctionsUpTo(n);
  const oldest = Math.max(auctions - AUCTIONS_IN_FLIGHT, 0);
  return FIRST_ID + oldest + random.below(auctions - oldest + ID_LEAD);
}

/** The newest of the hot ones; `behind` tells kinds of hot people apart. */
function hot(count: number, behind: number): number {
  return FIRST_ID + Math.floor((count - 1) / HOT_EVERY) * HOT_EVERY + behind;
}

function person(n: number, timestampMs: number, random: Draw): NexmarkEvent {
  const id = FIRST_ID + peopleUpTo(n) - 1;
  const name = `${random.of(FIRST_NAMES)} ${random.of(LAST_NAMES)}`;
  const emailAddress = `${random.letters(7)}@${random.letters(5)}.example`;
  const creditCard = Array.from({ length: 4 }, () => String(random.below(10_000)).padStart(4, '0')).join(' ');
  const facts = {
    name,
    emailAddress,
    creditCard,
    city: random.of(CITIES),
    state: random.of(STATES),
    dateTime: timestampMs,
  };
  const value = { ...facts, extra: random.extra(facts, PERSON_BYTES) };
  return { topic: 'person', key: id, value, timestampMs };
}

function auction(n: number, timestampMs: number, random: Draw): NexmarkEvent {
  const id = FIRST_ID + auctionsUpTo(n) - 1;
  const isHot = random.below(HOT_SELLERS) > 0;
  const initialBid = random.price();
  // As long as it takes until as many auctions have come as are in flight, on the average.
  const horizonMs = (AUCTIONS_IN_FLIGHT * EVENTS_PER_EPOCH) / AUCTIONS_PER_EPOCH;
  const facts = {
    itemName: random.letters(20),
    description: random.letters(100),
    initialBid,
    reserve: initialBid + random.price(),
    dateTime: timestampMs,
    expires: timestampMs + 1 + random.below(horizonMs * 2),
    seller: isHot ? hot(peopleUpTo(n), 0) : anyPerson(n, random),
    category: 10 + random.below(5),
  };
  return {
    topic: 'auction',
    key: id,
    value: { ...facts, extra: random.extra(facts, AUCTION_BYTES) },
    timestampMs,
  };
}

function bid(n: number, timestampMs: number, random: Draw): NexmarkEvent {
  const isHotAuction = random.below(HOT_AUCTIONS) > 0;
  const isHotBidder = random.below(HOT_BIDDERS) > 0;
  const facts = {
    auction: isHotAuction ? hot(auctionsUpTo(n), 0) : anyAuction(n, random),
    bidder: isHotBidder ? hot(peopleUpTo(n), 1) : anyPerson(n, random),
    price: random.price(),
    ...channel(random),
    dateTime: timestampMs,
  };
  return {
    topic: 'bid',
    key: null,
    value: { ...facts, extra: random.extra(facts, BID_BYTES + 100) },
    timestampMs,
  };
}

function channel(random: Draw): { readonly channel: string; readonly url: string } {
  const page = `https://www.nexmark.example/${random.letters(3)}/${random.letters(4)}/${random.letters(4)}/item.htm?query=1`;
  if (random.below(2) > 0) return { channel: random.of(HOT_CHANNELS), url: page };
  const id = random.below(CHANNELS);
  return { channel: `channel-${id}`, url: `${page}&channel_id=${id}` };
}
