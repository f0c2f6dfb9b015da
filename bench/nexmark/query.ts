/** A query of Nexmark in our SQL, and the same question to a database that has all events at once. */
export interface NexmarkQuery {
  readonly name: string;
  readonly title: string;
  /** The last of them makes the stream or table named as the query. */
  readonly statements: readonly string[];
  /** Each statement has to wait until those before it have caught up: rows of its streams must not be too late for each other. */
  readonly inTurn?: true;
  /** For DuckDB: the same columns under the same names. */
  readonly reference: string;
  /** Where it is not word for word the benchmark's query. */
  readonly note?: string;
}

export const SIDE_ROWS = 10_000;

/** What lies over the topics. Keys of people and auctions are their ids, in Kafka's eight bytes. */
export const DECLARATIONS = `
  CREATE STREAM bid (auction BIGINT, bidder BIGINT, price BIGINT, channel VARCHAR, url VARCHAR, dateTime BIGINT, extra VARCHAR)
    WITH (KAFKA_TOPIC='bid', VALUE_FORMAT='JSON', TIMESTAMP='dateTime');
  CREATE STREAM auction (id BIGINT KEY, itemName VARCHAR, initialBid BIGINT, reserve BIGINT, dateTime BIGINT, expires BIGINT,
    seller BIGINT, category INT) WITH (KAFKA_TOPIC='auction', VALUE_FORMAT='JSON', TIMESTAMP='dateTime');
  CREATE STREAM person (id BIGINT KEY, name VARCHAR, city VARCHAR, state VARCHAR, dateTime BIGINT)
    WITH (KAFKA_TOPIC='person', VALUE_FORMAT='JSON', TIMESTAMP='dateTime');
  CREATE TABLE auctions (id BIGINT PRIMARY KEY, itemName VARCHAR, dateTime BIGINT, expires BIGINT, seller BIGINT, category INT)
    WITH (KAFKA_TOPIC='auction', VALUE_FORMAT='JSON', TIMESTAMP='dateTime');
  CREATE TABLE people (id BIGINT PRIMARY KEY, name VARCHAR, city VARCHAR, state VARCHAR, dateTime BIGINT)
    WITH (KAFKA_TOPIC='person', VALUE_FORMAT='JSON', TIMESTAMP='dateTime');
  CREATE TABLE side_input (id BIGINT PRIMARY KEY, value VARCHAR) WITH (KAFKA_TOPIC='side_input', VALUE_FORMAT='JSON');`;

/** What the dialect cannot say, and why. */
export const NOT_EXPRESSIBLE = [
  {
    name: 'q6, average price of the last ten auctions of each seller',
    why: 'q6 needs rows of a table that changes in an order (OVER ... ROWS): an auction has its price when it expires, not at a bid',
  },
] as const;

const TOPICS: Readonly<Record<string, string>> = {
  bid: 'bid',
  auction: 'auction',
  auctions: 'auction',
  person: 'person',
  people: 'person',
  side_input: 'side_input',
};

/** The topics whose ends a query has to reach; a chain names those in between after what it makes. */
export function topicsOf({ statements }: NexmarkQuery, sql: string): string[] {
  const topicOf = (source: string): string => {
    const declared = statements.find((text) => text.startsWith(`CREATE STREAM ${source} (`));
    return TOPICS[source] ?? /KAFKA_TOPIC='(\w+)'/.exec(declared ?? '')?.[1] ?? source.toUpperCase();
  };
  return [...sql.matchAll(/\b(?:FROM|JOIN) (\w+)/g)].map(([, source = '']) => topicOf(source));
}

/** Undoes one of a query's statements; a mere declaration leaves the topic to the one that fills it. */
export function dropOf(sql: string): string {
  const [, what = '', columns] = /^CREATE ((?:STREAM|TABLE) \w+)( \()?/.exec(sql) ?? [];
  return `DROP ${what}${columns === undefined ? ' DELETE TOPIC' : ''};`;
}
