--@test: a CAST or a call that fails is null where it stands
CREATE STREAM readings (id VARCHAR KEY, raw VARCHAR, divisor INT) WITH (KAFKA_TOPIC='readings', VALUE_FORMAT='JSON');
CREATE STREAM clean AS SELECT id, COALESCE(CAST(raw AS INT), -1) AS n, CAST(raw AS INT) IS NULL AS bad,
  COALESCE(PARSE_DATE(raw, 'yyyy-MM-dd'), '1970-01-01') AS day, ARRAY[CAST(raw AS INT), 100 / divisor] AS items,
  STRUCT(whole := 100 / divisor, text := raw) AS parts, UCASE(raw) || '/' || CAST(divisor AS VARCHAR) AS name FROM readings;
CREATE STREAM numbers AS SELECT id, raw FROM readings WHERE CAST(raw AS INT) IS NOT NULL;
CREATE STREAM others AS SELECT id, raw FROM readings WHERE NOT (CAST(raw AS INT) > 0);
INSERT INTO readings (id, raw, divisor) VALUES ('a', ' 42 ', 5);
INSERT INTO readings (id, raw, divisor) VALUES ('b', 'warm', 0);
INSERT INTO readings (id) VALUES ('c');
ASSERT VALUES clean (id, n, bad, day, items, parts, name) VALUES ('a', 42, FALSE, '1970-01-01', ARRAY[42, 20], STRUCT(whole := 20, text := ' 42 '), ' 42 /5');
ASSERT VALUES clean (id, n, bad, items, parts, name) VALUES ('b', -1, TRUE, ARRAY[CAST(NULL AS INT), NULL], STRUCT(whole := CAST(NULL AS INT), text := 'warm'), 'WARM/0');
ASSERT VALUES clean (id, n, bad, name) VALUES ('c', -1, TRUE, '/');
ASSERT VALUES numbers (id) VALUES ('a');
ASSERT VALUES others (id) VALUES ('b');
ASSERT VALUES others (id) VALUES ('c');

--@test: null compares with nothing, and is in no list
CREATE STREAM points (id VARCHAR KEY, n INT, t VARCHAR, b BOOLEAN) WITH (KAFKA_TOPIC='points', VALUE_FORMAT='JSON');
CREATE STREAM judged AS SELECT id, n = 1 AS eq, n <> 1 AS ne, NOT (n = 1) AS no, n IN (1, 2) AS i, n NOT IN (1, NULL) AS ni,
  n BETWEEN 1 AND 2 AS bt, n NOT BETWEEN 1 AND 2 AS nb, n IS DISTINCT FROM 1 AS d, t LIKE '%' AS l, b AND TRUE AS a, b OR TRUE AS o FROM points;
INSERT INTO points (id, n, t, b) VALUES ('a', 1, 'x', TRUE);
INSERT INTO points (id) VALUES ('b');
ASSERT VALUES judged (eq, ne, no, i, ni, bt, nb, d, l, a, o) VALUES (TRUE, FALSE, FALSE, TRUE, FALSE, TRUE, FALSE, FALSE, TRUE, TRUE, TRUE);
ASSERT VALUES judged (eq, ne, no, i, ni, bt, nb, d, l, a, o) VALUES (FALSE, FALSE, TRUE, FALSE, TRUE, FALSE, TRUE, TRUE, NULL, NULL, TRUE);

--@test: texts are read as times beside times, and DECIMALs keep their digits
CREATE STREAM stays (id INT KEY, at TIMESTAMP, day DATE, clock TIME, p DECIMAL(5, 2)) WITH (KAFKA_TOPIC='stays', VALUE_FORMAT='JSON');
CREATE STREAM seen AS SELECT id, at > '2024' AS a, at BETWEEN '2024-02-29' AND '2024-03-01T12' AS b, day = '2024-02-29' AS c, clock >= '10:00' AS d,
  at > day AS e, day IN ('2024-02-29', '2024-03-01') AS f, at = '2024-02-29T11:30:00+0100' AS g, p + 0.5 AS plus, p * 2 AS twice, -1.50 AS minus, p / 4 AS part
  FROM stays;
INSERT INTO stays VALUES (1, '2024-02-29T10:30', '2024-02-29', '10:30', 12.50);
ASSERT STREAM seen (id INT KEY, a BOOLEAN, b BOOLEAN, c BOOLEAN, d BOOLEAN, e BOOLEAN, f BOOLEAN, g BOOLEAN, plus DECIMAL(6, 2), twice DECIMAL(16, 2), minus DECIMAL(3, 2), part DECIMAL(16, 13))
  WITH (KAFKA_TOPIC='SEEN', VALUE_FORMAT='JSON');
ASSERT VALUES seen (a, b, c, d, e, f, g, plus, twice, minus, part) VALUES (TRUE, TRUE, TRUE, TRUE, TRUE, TRUE, TRUE, 13.00, 25.00, -1.50, 3.1250000000000);

--@test: LIKE matches characters, not units of UTF-16
CREATE STREAM faces (id INT KEY, t VARCHAR) WITH (KAFKA_TOPIC='faces', VALUE_FORMAT='JSON');
CREATE STREAM one AS SELECT id, t FROM faces WHERE t LIKE '_';
CREATE STREAM percent AS SELECT id, t FROM faces WHERE t LIKE '%!%' ESCAPE '!';
INSERT INTO faces (id, t) VALUES (1, '😀');
INSERT INTO faces (id, t) VALUES (2, '50%');
INSERT INTO faces (id, t) VALUES (3, 'ab');
ASSERT VALUES one (id, t) VALUES (1, '😀');
ASSERT VALUES percent (id) VALUES (2);

--@test: lists take one type: that of the first text, or the widest number
CREATE STREAM s (id INT KEY, n INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');
CREATE STREAM lists AS SELECT id, ARRAY['1', 2] AS texts, ARRAY[1, '2'] AS numbers, ARRAY[1, 2.5, NULL] AS decimals, ARRAY[1, 2e0] AS doubles,
  MAP('a' := 1, 'b' := 2.5)['a'] AS entry, STRUCT(`a b` := ARRAY[STRUCT(c := 5)])->`a b`[1]->c AS deep FROM s;
INSERT INTO s (id, n) VALUES (1, 1);
ASSERT STREAM lists (id INT KEY, texts ARRAY<VARCHAR>, numbers ARRAY<INT>, decimals ARRAY<DECIMAL(11, 1)>, doubles ARRAY<DOUBLE>, entry DECIMAL(11, 1), deep INT)
  WITH (KAFKA_TOPIC='LISTS', VALUE_FORMAT='JSON');
ASSERT VALUES lists (texts, numbers, entry, deep) VALUES (ARRAY['1', '2'], ARRAY[1, 2], 1.0, 5);

--@test: names, comments and numbers may be written in many ways
create stream odd (id int key, `lower` varchar, "Quoted" double, `sel``ect` int, `with space` varchar, `ünï` int, key varchar, date date, map map<varchar, int>, `from` int)
  with (KAFKA_TOPIC = 'odd', "value_format" = 'json');
/* a block; with 'a quote */ CREATE STREAM 1st -- a line; with "another
  AS SELECT ID, -- the key
  x.`lower` /* inline */ AS l, "Quoted" * 1E-1 q, `sel``ect` + .5 + 1. AS "a ""b""", `with space` || '' || '--' || '/*' s, `ünï`+1 u, key, date, map['k'] m, - -`from` f, 'it''s' t
  FROM odd AS x WHERE (((`from`)))=((3))AND NOT(ID IN(2));
INSERT INTO odd (id, `lower`, "Quoted", `sel``ect`, `with space`, `ünï`, KEY, date, map, `from`) VALUES (1, 'x', 10, 4, 'y', 5, 'k', '2024-01-01', MAP('k' := 6), 3);
ASSERT VALUES 1st (id, l, q, "a ""b""", s, u, key, date, m, f, t) VALUES (1, 'x', 1.0, 5.5, 'y--/*', 6, 'k', '2024-01-01', 6, 3, 'it''s');

--@test: a text is read as a time or as bytes where a function takes nothing else
CREATE STREAM notes (id INT KEY, t VARCHAR) WITH (KAFKA_TOPIC='notes', VALUE_FORMAT='JSON');
CREATE STREAM read AS SELECT id, DATEADD(MONTHS, 1, t) AS later, UNIX_TIMESTAMP(t) AS ms, FROM_BYTES('dGVh', 'utf8') AS b, LEN(t) AS n,
  COALESCE(FORMAT_DATE(t, 'yyyy'), 'none') AS year FROM notes;
INSERT INTO notes (id, t) VALUES (1, '2024-01-31');
INSERT INTO notes (id, t) VALUES (2, 'tea');
ASSERT VALUES read (later, ms, b, n, year) VALUES ('2024-02-29', 1706659200000, 'tea', 10, '2024');
ASSERT VALUES read (later, ms, b, n, year) VALUES (NULL, NULL, 'tea', 3, 'none');
