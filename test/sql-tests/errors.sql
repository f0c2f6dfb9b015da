--@test: a table's key must be selected
--@expected.error: io.confluent.ksql.util.KsqlException
--@expected.message: key column SHOP
RUN SCRIPT 'parts/shop.sql';
CREATE TABLE n AS SELECT n FROM turnover;

--@test: what does not parse is a syntax error
--@expected.error: io.confluent.ksql.parser.exception.ParseFailedException
CREATE STREAM broken (n INT;

--@test: an assertion that fails is an error too
--@expected.error: java.lang.AssertionError
--@expected.message: differs in N
CREATE STREAM events (n INT) WITH (KAFKA_TOPIC='events', VALUE_FORMAT='JSON');
INSERT INTO events (n) VALUES (1);
ASSERT VALUES events (n) VALUES (2);

--@test: a sum that does not fit stops the query
--@expected.error: org.apache.kafka.streams.errors.StreamsException
--@expected.message: 19.8 does not fit DECIMAL(2, 1)
CREATE STREAM prices (id INT KEY, price DECIMAL(2, 1)) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON');
CREATE TABLE total AS SELECT id, SUM(price) AS price FROM prices GROUP BY id;
INSERT INTO prices (id, price) VALUES (1, 9.9);
INSERT INTO prices (id, price) VALUES (1, 9.9);
