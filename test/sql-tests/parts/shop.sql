CREATE STREAM sales (shop VARCHAR KEY, cents INT) WITH (KAFKA_TOPIC='sales', VALUE_FORMAT='JSON');
CREATE TABLE turnover AS SELECT shop, SUM(cents) AS cents, COUNT(*) AS n FROM sales GROUP BY shop;
