import type { Topic } from './events.ts';

/** A query of Nexmark in Flink SQL, where it is compared with ours. */
export interface FlinkQuery {
  readonly reads: readonly Topic[];
  /** Columns of the table it writes to, named as those of DuckDB's answer. */
  readonly columns: string;
  readonly select: string;
  /** The sink's key, if rows replace earlier ones; updates within a commit interval are merged then. */
  readonly key?: string;
  /** DuckDB's answer where it is another than ours. */
  readonly reference?: string;
}

const COLUMNS: Readonly<Record<Topic, string>> = {
  person: 'id BIGINT, name STRING, city STRING, state STRING, dateTime BIGINT',
  auction: `id BIGINT, itemName STRING, initialBid BIGINT, reserve BIGINT, dateTime BIGINT, expires BIGINT,
    seller BIGINT, category INT`,
  bid: 'auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime BIGINT, extra STRING',
};
const KEYED = `'key.format' = 'raw', 'key.fields' = 'id', 'value.fields-include' = 'EXCEPT_KEY', 'value.format' = 'json'`;

/** The table over a topic that ends where the topic ends now. `kafka`: how to reach the broker. */
export function sourceTable(topic: Topic, { select }: FlinkQuery, kafka: string): string {
  const time = select.includes('DESCRIPTOR(ts)')
    ? `, ts TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL, WATERMARK FOR ts AS ts`
    : '';
  return `CREATE TABLE ${topic} (${COLUMNS[topic]}${time}) WITH ('connector' = 'kafka', 'topic' = '${topic}',
    ${topic === 'bid' ? `'format' = 'json'` : KEYED}, 'scan.startup.mode' = 'earliest-offset',
    'scan.bounded.mode' = 'latest-offset', ${kafka})`;
}

export function sinkTable({ columns, key }: FlinkQuery, topic: string, kafka: string): string {
  const formats =
    key === undefined
      ? `'connector' = 'kafka', 'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'`
      : `'connector' = 'upsert-kafka', 'key.format' = 'json', 'value.format' = 'json'`;
  const primary = key === undefined ? '' : `, PRIMARY KEY (${key}) NOT ENFORCED`;
  return `CREATE TABLE sink (${columns}${primary}) WITH (${formats}, 'topic' = '${topic}',
    'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '${topic}',
    'properties.transaction.timeout.ms' = '600000', ${kafka})`;
}

const tumble = (table: Topic) => `TABLE(TUMBLE(TABLE ${table}, DESCRIPTOR(ts), INTERVAL '10' SECOND))`;
const DAY = `DATE_FORMAT(TO_TIMESTAMP_LTZ(dateTime, 3), 'yyyy-MM-dd')`;

export const FLINK_QUERIES: Readonly<Record<string, FlinkQuery>> = {
  q0: {
    reads: ['bid'],
    columns: 'auction BIGINT, bidder BIGINT, price BIGINT, dateTime BIGINT, extra STRING',
    select: 'SELECT auction, bidder, price, dateTime, extra FROM bid',
  },
  q1: {
    reads: ['bid'],
    columns: 'auction BIGINT, bidder BIGINT, price DECIMAL(23, 3), dateTime BIGINT, extra STRING',
    select: 'SELECT auction, bidder, 0.908 * price, dateTime, extra FROM bid',
  },
  q2: {
    reads: ['bid'],
    columns: 'auction BIGINT, price BIGINT',
    select: 'SELECT auction, price FROM bid WHERE MOD(auction, 123) = 0',
  },
  q3: {
    reads: ['auction', 'person'],
    columns: 'seller BIGINT, id BIGINT, name STRING, city STRING, state STRING',
    select: `SELECT a.seller, a.id, p.name, p.city, p.state FROM auction a JOIN person p ON a.seller = p.id
      WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')`,
    reference: `SELECT a.seller, a.id, p.name, p.city, p.state FROM auction a JOIN person p ON a.seller = p.id
      WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')`,
  },
  q8: {
    reads: ['person', 'auction'],
    columns: 'id BIGINT, name STRING, starttime TIMESTAMP(3)',
    select: `SELECT p.id, p.name, p.window_start FROM
      (SELECT id, name, window_start, window_end FROM ${tumble('person')} GROUP BY id, name, window_start, window_end) p
      JOIN (SELECT seller, window_start, window_end FROM ${tumble('auction')} GROUP BY seller, window_start, window_end) a
      ON p.id = a.seller AND p.window_start = a.window_start AND p.window_end = a.window_end`,
    reference: `SELECT DISTINCT p.id, p.name, strftime(epoch_ms(p.dateTime - p.dateTime % 10000), '%Y-%m-%dT%H:%M:%S') AS starttime
      FROM person p JOIN auction a ON p.id = a.seller AND p.dateTime // 10000 = a.dateTime // 10000`,
  },
  q12: {
    reads: ['bid'],
    columns: 'bidder BIGINT, bids BIGINT, starttime TIMESTAMP(3)',
    select: `SELECT bidder, COUNT(*), window_start FROM ${tumble('bid')} GROUP BY bidder, window_start, window_end`,
    reference: `SELECT bidder, count(*) AS bids, strftime(epoch_ms(dateTime - dateTime % 10000), '%Y-%m-%dT%H:%M:%S') AS starttime
      FROM bid GROUP BY ALL`,
  },
  q17: {
    reads: ['bid'],
    columns: `auction BIGINT, \`day\` STRING, total_bids BIGINT, rank1_bids BIGINT, rank2_bids BIGINT, rank3_bids BIGINT,
      min_price BIGINT, max_price BIGINT, avg_price DOUBLE, sum_price BIGINT`,
    key: 'auction, `day`',
    select: `SELECT auction, ${DAY}, COUNT(*), COUNT(*) FILTER (WHERE price < 10000),
      COUNT(*) FILTER (WHERE price >= 10000 AND price < 1000000), COUNT(*) FILTER (WHERE price >= 1000000),
      MIN(price), MAX(price), AVG(CAST(price AS DOUBLE)), SUM(price) FROM bid GROUP BY auction, ${DAY}`,
  },
  q20: {
    reads: ['bid', 'auction'],
    columns: `auction BIGINT, bidder BIGINT, price BIGINT, dateTime BIGINT, itemName STRING, seller BIGINT, category INT`,
    select: `SELECT b.auction, b.bidder, b.price, b.dateTime, a.itemName, a.seller, a.category
      FROM bid b JOIN auction a ON b.auction = a.id WHERE a.category = 10`,
    reference: `SELECT b.auction, b.bidder, b.price, b.dateTime, a.itemName, a.seller, a.category
      FROM bid b JOIN auction a ON b.auction = a.id WHERE a.category = 10`,
  },
};
