-- The scoreboard: two streams of facts, and tables that follow them.
--
--   USER_GAME ----(join, re-key)----+--> STATS_PER_USER   best score and level of each player
--     |  |                          |
--     |  |     USER_LOSSES --> LOSSES_PER_USER
--     |  +----------------------------> SUMMARY_STATS     best score of all, names of all players
--     +-------------------------------> SCOREBOARD        what the scoreboard page shows
--
-- The first five statements are those of streaming-pacman in confluentinc/demo-scene
-- (https://github.com/confluentinc/demo-scene, Apache License 2.0), unchanged but for line breaks.

CREATE STREAM USER_GAME (USER VARCHAR, GAME STRUCT<SCORE INT, LIVES INT, LEVEL INT>)
  WITH (KAFKA_TOPIC='USER_GAME', VALUE_FORMAT='JSON');

CREATE STREAM USER_LOSSES (USER VARCHAR)
  WITH (KAFKA_TOPIC='USER_LOSSES', VALUE_FORMAT='JSON');

CREATE TABLE LOSSES_PER_USER AS
  SELECT USER AS USER, COUNT(USER) AS TOTAL_LOSSES
  FROM USER_LOSSES GROUP BY USER;

-- A table update alone emits nothing from a stream-table join:
-- TOTAL_LOSSES moves with the next event of the player.
CREATE TABLE STATS_PER_USER AS
  SELECT UG.USER AS USER,
         MAX(UG.GAME->SCORE) AS HIGHEST_SCORE,
         MAX(UG.GAME->LEVEL) AS HIGHEST_LEVEL,
         MAX(CASE WHEN LPU.TOTAL_LOSSES IS NULL THEN CAST(0 AS BIGINT) ELSE LPU.TOTAL_LOSSES END) AS TOTAL_LOSSES
  FROM USER_GAME UG LEFT JOIN LOSSES_PER_USER LPU ON UG.USER = LPU.USER
  GROUP BY UG.USER;

CREATE TABLE SUMMARY_STATS AS
  SELECT 'SUMMARY_KEY' AS SUMMARY_KEY,
         MAX(GAME->SCORE) AS HIGHEST_SCORE_VALUE,
         COLLECT_SET(USER) AS USERS_SET_VALUE
  FROM USER_GAME GROUP BY 'SUMMARY_KEY';

-- Ours. A player is in a game while LAST_EVENT_MS is recent and later than LAST_OVER_MS.
-- Events have no key, so those of one player lie in several partitions: what decides (MAX, SUM) does
-- not depend on the order in which partitions are read; the LATEST_ columns only decorate.
CREATE TABLE SCOREBOARD AS
  SELECT USER AS PLAYER,
         MAX(GAME->SCORE) AS BEST_SCORE,
         MAX(GAME->LEVEL) AS BEST_LEVEL,
         SUM(CASE WHEN GAME->LIVES = 0 THEN 1 ELSE 0 END) AS LOSSES,
         LATEST_BY_OFFSET(GAME->SCORE) AS LATEST_SCORE,
         LATEST_BY_OFFSET(GAME->LIVES) AS LATEST_LIVES,
         MAX(ROWTIME) AS LAST_EVENT_MS,
         MAX(CASE WHEN GAME->LIVES = 0 THEN ROWTIME ELSE CAST(0 AS BIGINT) END) AS LAST_OVER_MS
  FROM USER_GAME GROUP BY USER;
