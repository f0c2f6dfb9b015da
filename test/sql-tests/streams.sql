-- Run by `millrace test test/sql-tests/*.sql` and by src/testing/sql-tests/sql-tests.test.ts.

--@test: a filter lets rows through, in their order
CREATE STREAM readings (sensor VARCHAR KEY, celsius DOUBLE) WITH (KAFKA_TOPIC='readings', VALUE_FORMAT='JSON');
CREATE STREAM warm AS SELECT sensor, celsius, celsius * 9 / 5 + 32 AS fahrenheit FROM readings WHERE celsius > 20;
INSERT INTO readings (sensor, celsius, ROWTIME) VALUES ('a', 25, 1000);
INSERT INTO readings (sensor, celsius) VALUES ('b', 15);
INSERT INTO readings (sensor, celsius, ROWTIME) VALUES ('c', 30, 3000);
ASSERT VALUES warm (sensor, fahrenheit, ROWTIME) VALUES ('a', 77, 1000);
ASSERT VALUES warm (ROWTIME, sensor) VALUES (3000, 'c');
-- What was inserted can be read, too: the source's topic has a cursor of its own.
ASSERT VALUES readings (sensor, celsius) VALUES ('a', 25);
ASSERT VALUES readings (sensor, celsius) VALUES ('b', 15);

--@test: what an insert causes is written query by query, depth first
CREATE STREAM numbers (n INT) WITH (KAFKA_TOPIC='numbers', VALUE_FORMAT='JSON');
CREATE STREAM twice AS SELECT n * 2 AS n FROM numbers;
CREATE STREAM collected (n INT) WITH (KAFKA_TOPIC='collected', VALUE_FORMAT='JSON');
INSERT INTO collected SELECT n + 1 AS n FROM twice;
INSERT INTO collected SELECT n FROM numbers;
INSERT INTO numbers (n) VALUES (1);
INSERT INTO numbers (n) VALUES (10);
ASSERT VALUES collected (n) VALUES (3);
ASSERT VALUES collected (n) VALUES (1);
ASSERT VALUES collected (n) VALUES (21);
ASSERT VALUES collected (n) VALUES (10);

--@test: a query begins with what comes after it, unless told otherwise
CREATE STREAM events (n INT) WITH (KAFKA_TOPIC='events', VALUE_FORMAT='JSON');
INSERT INTO events (n) VALUES (1);
CREATE STREAM later AS SELECT * FROM events;
SET 'auto.offset.reset' = 'earliest';
CREATE STREAM whole AS SELECT * FROM events;
INSERT INTO events (n) VALUES (2);
ASSERT VALUES later (n) VALUES (2);
ASSERT VALUES whole (n) VALUES (1);
ASSERT VALUES whole (n) VALUES (2);

--@test: a declaration is what it was declared to be
CREATE STREAM orders (id BIGINT KEY, item STRUCT<name VARCHAR, cents INT>, at VARCHAR)
  WITH (KAFKA_TOPIC='orders', KEY_FORMAT='JSON', VALUE_FORMAT='JSON', TIMESTAMP='at', TIMESTAMP_FORMAT='yyyy-MM-dd');
CREATE TABLE spent AS SELECT id, SUM(item->cents) AS cents FROM orders GROUP BY id;
ASSERT STREAM orders (id BIGINT KEY, item STRUCT<name VARCHAR, cents INT>, at VARCHAR)
  WITH (KAFKA_TOPIC='orders', KEY_FORMAT='JSON', VALUE_FORMAT='JSON', TIMESTAMP='at', TIMESTAMP_FORMAT='yyyy-MM-dd');
ASSERT TABLE spent (id BIGINT PRIMARY KEY, cents INT) WITH (KAFKA_TOPIC='SPENT', FORMAT='JSON');

--@test: shared statements stand in a script
RUN SCRIPT 'parts/shop.sql';
INSERT INTO sales (shop, cents) VALUES ('north', 5);
ASSERT VALUES turnover (shop, cents) VALUES ('north', 5);
