--@test: columns of every type take values that they can hold
CREATE STREAM boxes (id VARCHAR KEY, n INT, big BIGINT, d DOUBLE, price DECIMAL(6, 2), open BOOLEAN, at TIMESTAMP, day DATE, clock TIME,
  raw BYTES, items ARRAY<BIGINT>, stock MAP<VARCHAR, DOUBLE>, size STRUCT<wide INT, high VARCHAR>) WITH (KAFKA_TOPIC='boxes', VALUE_FORMAT='JSON');
CREATE STREAM copies AS SELECT * FROM boxes;
INSERT INTO boxes VALUES ('a', 1, 2, 3, 4.5, TRUE, '2024-02-29T01:02:03.004', '2024-02-29', '01:02:03', 'AQL/', ARRAY[1, 2], MAP('x' := 1), STRUCT(wide := 1, high := 'y'));
ASSERT VALUES copies VALUES ('a', 1, 2, 3.0, 4.50, TRUE, '2024-02-29T01:02:03.004', '2024-02-29', '01:02:03', TO_BYTES('0102ff', 'hex'), ARRAY[1, 2], MAP('x' := 1e0), STRUCT(wide := 1, high := 'y'));
INSERT INTO boxes (id, n, big, d, price) VALUES ('b', -2147483648, 9223372036854775807, 1e3, 1.500);
ASSERT VALUES copies (id, n, big, d, price) VALUES ('b', -2147483648, 9223372036854775807, 1000, 1.50);
INSERT INTO boxes (id, day, at, price) VALUES ('c', DATE '2024-03-01', TIMESTAMP '2024-03-01', DECIMAL '-1.25');
ASSERT VALUES copies (id, day, at, price) VALUES ('c', '2024-03-01', '2024-03-01T00:00', -1.25);
INSERT INTO boxes (n, id) VALUES (1 + 2 * 3, UCASE('d') || 'd');
ASSERT VALUES copies (id, n, day) VALUES ('Dd', 7, NULL);
INSERT INTO boxes (id, size, items) VALUES ('e', STRUCT(high := 'z'), ARRAY['3', 4]);
ASSERT VALUES copies (id, size, items) VALUES ('e', STRUCT(wide := CAST(NULL AS INT), high := 'z'), ARRAY[3, 4]);

--@test: a whole number has no fraction
--@expected.error: io.confluent.ksql.util.KsqlException
--@expected.message: needs INTEGER
CREATE STREAM boxes (n INT) WITH (KAFKA_TOPIC='boxes', VALUE_FORMAT='JSON');
INSERT INTO boxes (n) VALUES (1.5);

--@test: an INTEGER has 32 bits
--@expected.error: io.confluent.ksql.util.KsqlException
--@expected.message: needs INTEGER
CREATE STREAM boxes (n INT) WITH (KAFKA_TOPIC='boxes', VALUE_FORMAT='JSON');
INSERT INTO boxes (n) VALUES (2147483648);

--@test: a DECIMAL is not rounded by itself
--@expected.error: io.confluent.ksql.util.KsqlException
--@expected.message: 1.505 has more digits
CREATE STREAM boxes (price DECIMAL(6, 2)) WITH (KAFKA_TOPIC='boxes', VALUE_FORMAT='JSON');
INSERT INTO boxes (price) VALUES (1.505);

--@test: a DECIMAL has as many digits as it has
--@expected.error: io.confluent.ksql.util.KsqlException
--@expected.message: 12345.6
CREATE STREAM boxes (price DECIMAL(6, 2)) WITH (KAFKA_TOPIC='boxes', VALUE_FORMAT='JSON');
INSERT INTO boxes (price) VALUES (12345.6);

--@test: a value that cannot be computed is refused
--@expected.error: io.confluent.ksql.util.KsqlException
--@expected.message: division by zero
CREATE STREAM boxes (n INT) WITH (KAFKA_TOPIC='boxes', VALUE_FORMAT='JSON');
INSERT INTO boxes (n) VALUES (1 / 0);

--@test: BYTES are base64
--@expected.error: io.confluent.ksql.util.KsqlException
--@expected.message: no BYTES
CREATE STREAM boxes (raw BYTES) WITH (KAFKA_TOPIC='boxes', VALUE_FORMAT='JSON');
INSERT INTO boxes (raw) VALUES ('#');
