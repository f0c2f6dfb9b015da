--@test: a group that HAVING lets go of is deleted
RUN SCRIPT 'parts/shop.sql';
CREATE TABLE owing AS SELECT shop, cents FROM turnover WHERE cents < 0;
INSERT INTO sales (shop, cents) VALUES ('a', -5);
INSERT INTO sales (shop, cents) VALUES ('a', -1);
INSERT INTO sales (shop, cents) VALUES ('a', 10);
INSERT INTO sales (shop, cents) VALUES ('a', 1);
ASSERT VALUES owing (shop, cents) VALUES ('a', -5);
ASSERT VALUES owing (shop, cents) VALUES ('a', -6);
ASSERT NULL VALUES owing (shop) KEY ('a');
ASSERT VALUES turnover (cents, n) VALUES (-5, 1);

--@test: a stream looks rows up in a table as it is at that moment
CREATE STREAM orders (id INT KEY, customer VARCHAR) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON');
CREATE TABLE customers (name VARCHAR PRIMARY KEY, city VARCHAR) WITH (KAFKA_TOPIC='customers', VALUE_FORMAT='JSON');
CREATE STREAM placed AS SELECT o.id AS id, o.customer AS customer, c.city AS city
  FROM orders o LEFT JOIN customers c ON o.customer = c.name PARTITION BY o.id;
INSERT INTO orders (id, customer) VALUES (1, 'ann');
INSERT INTO customers (name, city) VALUES ('ann', 'Bern');
INSERT INTO orders (id, customer) VALUES (2, 'ann');
ASSERT VALUES placed (id, city) VALUES (1, NULL);
ASSERT VALUES placed (id, city) VALUES (2, 'Bern');

--@test: each window has a row, and a late record changes an old one
CREATE STREAM clicks (page VARCHAR KEY, n INT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON');
CREATE TABLE per_minute AS SELECT page, SUM(n) AS n FROM clicks WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 1 MINUTE) GROUP BY page;
INSERT INTO clicks (ROWTIME, page, n) VALUES (1000, 'home', 1);
INSERT INTO clicks (ROWTIME, page, n) VALUES (61000, 'home', 10);
INSERT INTO clicks (ROWTIME, page, n) VALUES (2000, 'home', 2);
INSERT INTO clicks (ROWTIME, page, n) VALUES (180000, 'home', 20);
INSERT INTO clicks (ROWTIME, page, n) VALUES (3000, 'home', 4);
ASSERT VALUES per_minute (page, WINDOWSTART, WINDOWEND, n) VALUES ('home', 0, 60000, 1);
ASSERT VALUES per_minute (page, WINDOWSTART, n) VALUES ('home', 60000, 10);
ASSERT VALUES per_minute (page, WINDOWSTART, n, ROWTIME) VALUES ('home', 0, 3, 2000);
ASSERT VALUES per_minute (WINDOWSTART, n) VALUES (180000, 20);

--@test: variables stand for names and values
DEFINE shop = 'north';
RUN SCRIPT 'parts/shop.sql';
INSERT INTO sales (shop, cents) VALUES ('${shop}', 5);
ASSERT VALUES turnover (shop, cents) VALUES ('${shop}', 5);
