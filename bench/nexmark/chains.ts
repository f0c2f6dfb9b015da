import type { NexmarkQuery } from './query.ts';

// Queries with sub-queries, windows that meet, or more than two sources: chains of statements, or joins of streams.

/** Bids on auctions that run: what queries 4 and 9 begin with. */
const running = (
  name: string,
) => `CREATE STREAM ${name} AS SELECT b.auction AS auction, a.category AS category, b.bidder AS bidder,
    b.price AS price, b.dateTime AS dateTime FROM bid b JOIN auctions a ON b.auction = a.id
    WHERE b.dateTime BETWEEN a.dateTime AND a.expires;`;
const runningReference = `FROM bid b JOIN auction a ON b.auction = a.id AND b.dateTime BETWEEN a.dateTime AND a.expires`;

export const CHAINS: readonly NexmarkQuery[] = [
  {
    name: 'q4',
    title: 'average price of each category',
    statements: [
      running('q4_running'),
      `CREATE TABLE q4_finals WITH (KEY_FORMAT='JSON') AS SELECT auction, category, MAX(price) AS price
         FROM q4_running GROUP BY auction, category;`,
      'CREATE TABLE q4 AS SELECT category, AVG(price) AS price FROM q4_finals GROUP BY category;',
    ],
    reference: `SELECT category, avg(price) AS price FROM (SELECT a.category, b.auction, max(b.price) AS price
      ${runningReference} AND a.dateTime < b.dateTime GROUP BY a.category, b.auction) GROUP BY category`,
    note: 'a chain of three queries instead of a sub-query',
  },
  {
    name: 'q5',
    title: 'the auctions with the most bids',
    statements: [
      `CREATE TABLE q5_counts AS SELECT auction, AS_VALUE(auction) AS id, WINDOWSTART AS starts, COUNT(*) AS num
         FROM bid WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 2 SECONDS) GROUP BY auction EMIT FINAL;`,
      `CREATE STREAM q5_changes (id BIGINT, starts BIGINT, num BIGINT) WITH (KAFKA_TOPIC='Q5_COUNTS', VALUE_FORMAT='JSON');`,
      `CREATE TABLE q5_auctions WITH (KEY_FORMAT='JSON') AS SELECT id, starts, AS_VALUE(starts) AS hop,
         LATEST_BY_OFFSET(num) AS num FROM q5_changes GROUP BY id, starts;`,
      'CREATE TABLE q5_most AS SELECT starts, MAX(num) AS num FROM q5_changes GROUP BY starts;',
      `CREATE TABLE q5 AS SELECT a.id AS auction, a.starts AS starts, a.num AS num FROM q5_auctions a
         JOIN q5_most m ON a.hop = m.starts WHERE a.num >= m.num;`,
    ],
    reference: `WITH hops AS (SELECT auction, unnest(range(dateTime - dateTime % 2000 - 8000, dateTime + 1, 2000)) AS starts FROM bid),
      counts AS (SELECT auction, starts, count(*) AS num FROM hops
        WHERE starts + 10000 <= (SELECT max(dateTime) FROM bid) GROUP BY auction, starts)
      SELECT auction, starts, num FROM counts c WHERE num >= (SELECT max(num) FROM counts m WHERE m.starts = c.starts)`,
    note: 'sub-queries are tables of their own, joined by a foreign key; a window counts when it has closed',
  },
  {
    name: 'q7',
    title: 'the highest bid of each ten seconds',
    inTurn: true,
    statements: [
      `CREATE TABLE q7_highest AS SELECT 1 AS whole, MAX(price) AS price, WINDOWSTART AS starts, WINDOWEND AS ends
         FROM bid WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY 1 EMIT FINAL;`,
      `CREATE STREAM q7_prices (price BIGINT, starts BIGINT, ends BIGINT) WITH (KAFKA_TOPIC='Q7_HIGHEST', VALUE_FORMAT='JSON');`,
      `CREATE STREAM q7 AS SELECT b.price AS price, b.auction AS auction, b.bidder AS bidder, b.dateTime AS dateTime,
         b.extra AS extra FROM bid b JOIN q7_prices h WITHIN 10 SECONDS GRACE PERIOD 10 SECONDS ON b.price = h.price
         WHERE b.dateTime >= h.starts AND b.dateTime < h.ends;`,
    ],
    reference: `SELECT price, auction, bidder, dateTime, extra FROM bid b JOIN (SELECT dateTime // 10000 AS part, max(price) AS most
      FROM bid GROUP BY part) ON b.dateTime // 10000 = part AND price = most
      WHERE part < (SELECT max(dateTime) FROM bid) // 10000`,
    note: 'the sub-query is a table of its own; a window counts when it has closed',
  },
  {
    name: 'q8',
    title: 'new people who sell in the same ten seconds',
    statements: [
      `CREATE TABLE q8_people AS SELECT id, LATEST_BY_OFFSET(name) AS name FROM person
         WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY id;`,
      `CREATE TABLE q8_sellers AS SELECT seller, COUNT(*) AS auctions FROM auction
         WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY seller;`,
      'CREATE TABLE q8 AS SELECT p.id AS id, p.name AS name FROM q8_people p JOIN q8_sellers s ON p.id = s.seller;',
    ],
    reference: `SELECT DISTINCT p.id, p.name, p.dateTime - p.dateTime % 10000 AS windowstart,
      p.dateTime - p.dateTime % 10000 + 10000 AS windowend FROM person p
      JOIN auction a ON p.id = a.seller AND p.dateTime // 10000 = a.dateTime // 10000`,
    note: 'sub-queries are windowed tables of their own',
  },
  {
    name: 'q9',
    title: 'the winning bid of each auction',
    statements: [
      running('q9_running'),
      'CREATE TABLE q9 AS SELECT auction, TOPK(price, bidder, 1)[1] AS best FROM q9_running GROUP BY auction;',
    ],
    reference: `SELECT auction, {'sort_col': price, 'col0': bidder} AS best FROM (SELECT b.auction, b.price, b.bidder,
      row_number() OVER (PARTITION BY b.auction ORDER BY b.price DESC, b.dateTime) AS place ${runningReference}) WHERE place = 1`,
    note: 'TOPK instead of a join with the largest price',
  },
  {
    name: 'q23',
    title: 'bids with their bidder and what the bidder sells',
    statements: [
      `CREATE STREAM q23 AS SELECT b.bidder AS bidder, b.auction AS auction, b.price AS price, b.dateTime AS dateTime,
         p.name AS name, p.city AS city, a.id AS sells, a.itemName AS itemName
         FROM bid b JOIN auction a WITHIN 1 DAY ON b.bidder = a.seller JOIN people p ON b.bidder = p.id;`,
    ],
    reference: `SELECT b.bidder, b.auction, b.price, b.dateTime, p.name, p.city, a.id AS sells, a.itemName FROM bid b
      JOIN auction a ON b.bidder = a.seller JOIN person p ON b.bidder = p.id AND p.dateTime < greatest(a.dateTime, b.dateTime)`,
    note: 'streams are joined within a day instead of for ever; people are a table',
  },
];
