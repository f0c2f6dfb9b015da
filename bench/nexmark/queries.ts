import { CHAINS } from './chains.ts';
import { type NexmarkQuery, SIDE_ROWS } from './query.ts';

const DAY = `FORMAT_TIMESTAMP(FROM_UNIXTIME(dateTime), 'yyyy-MM-dd')`;
const DAY_REFERENCE = `strftime(epoch_ms(dateTime), '%Y-%m-%d')`;

/** How many bids are cheap, middling and dear: FILTER (WHERE ...) as a sum of ones. */
const RANKS = [
  ['rank1', 'price < 10000'],
  ['rank2', 'price >= 10000 AND price < 1000000'],
  ['rank3', 'price >= 1000000'],
] as const;
const rankSums = RANKS.map(([name, is]) => `SUM(CASE WHEN ${is} THEN 1 ELSE 0 END) AS ${name}_bids`).join(
  ', ',
);
const rankDistinct = (column: string) =>
  RANKS.map(([name, is]) => `COUNT_DISTINCT(CASE WHEN ${is} THEN ${column} END) AS ${name}_${column}s`).join(
    ', ',
  );
const rankSumsReference = RANKS.map(([name, is]) => `count(*) FILTER (WHERE ${is}) AS ${name}_bids`).join(
  ', ',
);
const rankDistinctReference = (column: string) =>
  RANKS.map(([name, is]) => `count(DISTINCT ${column}) FILTER (WHERE ${is}) AS ${name}_${column}s`).join(
    ', ',
  );

const CHANNEL_ID = '(&|^)channel_id=([^&]*)';
const KNOWN_CHANNELS = ['apple', 'google', 'facebook', 'baidu'];
const channelCase = (lower: string, otherwise: string) =>
  `CASE ${KNOWN_CHANNELS.map((name, n) => `WHEN ${lower} = '${name}' THEN '${n}'`).join(' ')} ELSE ${otherwise} END`;
const knownChannels = KNOWN_CHANNELS.map((name) => `'${name}'`).join(', ');

const PLAIN: readonly NexmarkQuery[] = [
  {
    name: 'q0',
    title: 'pass through',
    statements: ['CREATE STREAM q0 AS SELECT auction, bidder, price, dateTime, extra FROM bid;'],
    reference: 'SELECT auction, bidder, price, dateTime, extra FROM bid',
  },
  {
    name: 'q1',
    title: 'another currency',
    statements: [
      'CREATE STREAM q1 AS SELECT auction, bidder, price * 0.908 AS price, dateTime, extra FROM bid;',
    ],
    reference: 'SELECT auction, bidder, price * 0.908 AS price, dateTime, extra FROM bid',
  },
  {
    name: 'q2',
    title: 'some auctions',
    statements: ['CREATE STREAM q2 AS SELECT auction, price FROM bid WHERE auction % 123 = 0;'],
    reference: 'SELECT auction, price FROM bid WHERE auction % 123 = 0',
  },
  {
    name: 'q3',
    title: 'who sells in some states',
    statements: [
      `CREATE STREAM q3 AS SELECT a.seller AS seller, a.id AS id, p.name AS name, p.city AS city, p.state AS state
         FROM auction a JOIN people p ON a.seller = p.id WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA');`,
    ],
    reference: `SELECT a.seller, a.id, p.name, p.city, p.state FROM auction a JOIN person p
      ON a.seller = p.id AND p.dateTime < a.dateTime WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')`,
    note: 'people are a table: an auction sees who was there before it',
  },
  {
    name: 'q10',
    title: 'by day and minute',
    statements: [
      `CREATE STREAM q10 AS SELECT auction, bidder, price, dateTime, extra, ${DAY} AS day,
         FORMAT_TIMESTAMP(FROM_UNIXTIME(dateTime), 'HH:mm') AS minute FROM bid;`,
    ],
    reference: `SELECT auction, bidder, price, dateTime, extra, ${DAY_REFERENCE} AS day,
      strftime(epoch_ms(dateTime), '%H:%M') AS minute FROM bid`,
    note: 'into a topic instead of a file system',
  },
  {
    name: 'q11',
    title: 'bids of each session',
    statements: [
      'CREATE TABLE q11 AS SELECT bidder, COUNT(*) AS bids FROM bid WINDOW SESSION (10 SECONDS) GROUP BY bidder;',
    ],
    reference: `SELECT bidder, min(dateTime) AS windowstart, max(dateTime) AS windowend, count(*) AS bids FROM (
      SELECT *, sum(begins) OVER (PARTITION BY bidder ORDER BY dateTime) AS session FROM (
        SELECT bidder, dateTime, CASE WHEN dateTime - lag(dateTime) OVER (PARTITION BY bidder ORDER BY dateTime) <= 10000
          THEN 0 ELSE 1 END AS begins FROM bid)) GROUP BY bidder, session`,
  },
  {
    name: 'q12',
    title: 'bids of each ten seconds',
    statements: [
      'CREATE TABLE q12 AS SELECT bidder, COUNT(*) AS bids FROM bid WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY bidder;',
    ],
    reference: `SELECT bidder, dateTime - dateTime % 10000 AS windowstart, dateTime - dateTime % 10000 + 10000 AS windowend,
      count(*) AS bids FROM bid GROUP BY ALL`,
    note: 'by the time of the event, not of the clock',
  },
  {
    name: 'q13',
    title: 'joined with a side table',
    statements: [
      `CREATE STREAM q13 AS SELECT s.id AS side, b.auction AS auction, b.bidder AS bidder, b.price AS price,
         b.dateTime AS dateTime, s.value AS value FROM bid b JOIN side_input s ON b.auction % ${SIDE_ROWS} = s.id;`,
    ],
    reference: `SELECT auction % ${SIDE_ROWS} AS side, auction, bidder, price, dateTime, 'value ' || (auction % ${SIDE_ROWS}) AS value
      FROM bid`,
  },
  {
    name: 'q14',
    title: 'a computation',
    statements: [
      `CREATE STREAM q14 AS SELECT auction, bidder, 0.908 * price AS price,
         CASE WHEN CAST(FORMAT_TIMESTAMP(FROM_UNIXTIME(dateTime), 'HH') AS INT) BETWEEN 8 AND 18 THEN 'dayTime'
              WHEN CAST(FORMAT_TIMESTAMP(FROM_UNIXTIME(dateTime), 'HH') AS INT) NOT BETWEEN 7 AND 19 THEN 'nightTime'
              ELSE 'otherTime' END AS timeType, dateTime, extra, LEN(extra) - LEN(REPLACE(extra, 'c', '')) AS c_counts
         FROM bid WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000;`,
    ],
    reference: `SELECT auction, bidder, 0.908 * price AS price, CASE WHEN hour(epoch_ms(dateTime)) BETWEEN 8 AND 18 THEN 'dayTime'
      WHEN hour(epoch_ms(dateTime)) NOT BETWEEN 7 AND 19 THEN 'nightTime' ELSE 'otherTime' END AS timeType, dateTime, extra,
      length(extra) - length(replace(extra, 'c', '')) AS c_counts FROM bid
      WHERE 0.908 * price > 1000000 AND 0.908 * price < 50000000`,
    note: 'its user function is an expression here',
  },
  {
    name: 'q15',
    title: 'statistics of each day',
    statements: [
      `CREATE TABLE q15 AS SELECT ${DAY} AS day, COUNT(*) AS total_bids, ${rankSums}, COUNT_DISTINCT(bidder) AS total_bidders,
         ${rankDistinct('bidder')}, COUNT_DISTINCT(auction) AS total_auctions, ${rankDistinct('auction')} FROM bid GROUP BY ${DAY};`,
    ],
    reference: `SELECT ${DAY_REFERENCE} AS day, count(*) AS total_bids, ${rankSumsReference}, count(DISTINCT bidder) AS total_bidders,
      ${rankDistinctReference('bidder')}, count(DISTINCT auction) AS total_auctions, ${rankDistinctReference('auction')}
      FROM bid GROUP BY day`,
  },
  {
    name: 'q16',
    title: 'statistics of each channel and day',
    statements: [
      `CREATE TABLE q16 WITH (KEY_FORMAT='JSON') AS SELECT channel, ${DAY} AS day, COUNT(*) AS total_bids, ${rankSums},
         COUNT_DISTINCT(bidder) AS total_bidders, ${rankDistinct('bidder')} FROM bid GROUP BY channel, ${DAY};`,
    ],
    reference: `SELECT channel, ${DAY_REFERENCE} AS day, count(*) AS total_bids, ${rankSumsReference},
      count(DISTINCT bidder) AS total_bidders, ${rankDistinctReference('bidder')} FROM bid GROUP BY channel, day`,
  },
  {
    name: 'q17',
    title: 'statistics of each auction and day',
    statements: [
      `CREATE TABLE q17 WITH (KEY_FORMAT='JSON') AS SELECT auction, ${DAY} AS day, COUNT(*) AS total_bids, ${rankSums},
         MIN(price) AS min_price, MAX(price) AS max_price, AVG(price) AS avg_price, SUM(price) AS sum_price
         FROM bid GROUP BY auction, ${DAY};`,
    ],
    reference: `SELECT auction, ${DAY_REFERENCE} AS day, count(*) AS total_bids, ${rankSumsReference}, min(price) AS min_price,
      max(price) AS max_price, avg(price) AS avg_price, sum(price) AS sum_price FROM bid GROUP BY auction, day`,
  },
  {
    name: 'q18',
    title: 'the last bid of each bidder and auction',
    statements: [
      `CREATE TABLE q18 WITH (KEY_FORMAT='JSON') AS SELECT bidder, auction, LATEST_BY_OFFSET(price) AS price,
         LATEST_BY_OFFSET(dateTime) AS dateTime FROM bid GROUP BY bidder, auction;`,
    ],
    reference: `SELECT bidder, auction, arg_max(price, dateTime) AS price, max(dateTime) AS dateTime FROM bid GROUP BY bidder, auction`,
    note: 'LATEST_BY_OFFSET instead of ROW_NUMBER() OVER',
  },
  {
    name: 'q19',
    title: 'the ten dearest bids of each auction',
    statements: ['CREATE TABLE q19 AS SELECT auction, TOPK(price, 10) AS prices FROM bid GROUP BY auction;'],
    reference: 'SELECT auction, list(price ORDER BY price DESC)[1:10] AS prices FROM bid GROUP BY auction',
    note: 'TOPK instead of ROW_NUMBER() OVER, and the prices alone',
  },
  {
    name: 'q20',
    title: 'bids with their auctions',
    statements: [
      `CREATE STREAM q20 AS SELECT b.auction AS auction, b.bidder AS bidder, b.price AS price, b.dateTime AS dateTime,
         a.itemName AS itemName, a.seller AS seller, a.category AS category
         FROM bid b JOIN auctions a ON b.auction = a.id WHERE a.category = 10;`,
    ],
    reference: `SELECT b.auction, b.bidder, b.price, b.dateTime, a.itemName, a.seller, a.category FROM bid b JOIN auction a
      ON b.auction = a.id AND a.dateTime < b.dateTime WHERE a.category = 10`,
    note: 'auctions are a table: a bid sees those before it',
  },
  {
    name: 'q21',
    title: 'the number of a channel',
    statements: [
      `CREATE STREAM q21 AS SELECT auction, bidder, price, channel,
         ${channelCase('LCASE(channel)', `REGEXP_EXTRACT('${CHANNEL_ID}', url, 2)`)} AS channel_id FROM bid
         WHERE REGEXP_EXTRACT('${CHANNEL_ID}', url, 2) IS NOT NULL OR LCASE(channel) IN (${knownChannels});`,
    ],
    reference: `SELECT auction, bidder, price, channel, ${channelCase('lower(channel)', `regexp_extract(url, '${CHANNEL_ID}', 2)`)} AS channel_id
      FROM bid WHERE regexp_matches(url, '${CHANNEL_ID}') OR lower(channel) IN (${knownChannels})`,
  },
  {
    name: 'q22',
    title: 'the folders of a URL',
    statements: [
      `CREATE STREAM q22 AS SELECT auction, bidder, price, channel, SPLIT(url, '/')[4] AS dir1, SPLIT(url, '/')[5] AS dir2,
         SPLIT(url, '/')[6] AS dir3 FROM bid;`,
    ],
    reference: `SELECT auction, bidder, price, channel, split_part(url, '/', 4) AS dir1, split_part(url, '/', 5) AS dir2,
      split_part(url, '/', 6) AS dir3 FROM bid`,
  },
];

const numberOf = ({ name }: NexmarkQuery) => Number(name.slice(1));

export const NEXMARK_QUERIES = [...PLAIN, ...CHAINS].sort((a, b) => numberOf(a) - numberOf(b));
