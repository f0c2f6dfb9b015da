import java.util.ArrayList;
import java.util.List;

/** The pipelines as Flink SQL. */
public final class FlinkApp {
  private static final String EVENT_TIME = "TS TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL, WATERMARK FOR TS AS TS";

  private static final String WINDOW_COLUMNS = "`USER` STRING, WINDOW_START TIMESTAMP(3), N BIGINT";

  private final Options options;
  private final String pipeline;
  private final String out;
  /** Updates of a key within the commit interval become one, where the pipeline has updates. */
  private final boolean merges;

  private FlinkApp(Options options) {
    this.options = options;
    this.pipeline = options.text("pipeline");
    this.out = options.text("out");
    this.merges = options.text("merges").equals("true");
  }

  public static void main(String[] args) throws Exception {
    new FlinkApp(new Options(args)).run();
  }

  private void run() throws Exception {
    List<String> statements = new ArrayList<>(List.of(sinkTable()));
    if (joinsStreams()) {
      statements.add(keyedTable("PLAYS", "SCORE INT, `LEVEL` INT"));
      statements.add(keyedTable("REWARDS", "POINTS INT"));
    } else statements.add(gameTable());
    if (readsLosses()) statements.add(lossesTable());
    statements.add("INSERT INTO SINK " + query());
    List<String> counted = joinsStreams() ? List.of("PLAYS", "REWARDS") : List.of("USER_GAME");
    new FlinkJob(options, merges, counted).run(statements, options.number("events"));
  }

  private boolean exactlyOnce() {
    return options.text("guarantee").startsWith("exactly_once");
  }

  private boolean readsLosses() {
    return pipeline.equals("join") || pipeline.equals("scoreboard");
  }

  private boolean joinsStreams() {
    return pipeline.equals("stream-join");
  }

  private String gameTable() {
    String time = pipeline.equals("filter") ? "" : ", " + EVENT_TIME;
    return "CREATE TABLE USER_GAME (`USER` STRING, GAME ROW<SCORE INT, LIVES INT, `LEVEL` INT>" + time + ") WITH ("
        + "'connector' = 'kafka', 'topic' = 'USER_GAME', 'format' = 'json', 'scan.startup.mode' = 'earliest-offset',"
        + "'scan.bounded.mode' = 'latest-offset'," + kafka() + ")";
  }

  private String keyedTable(String topic, String columns) {
    return "CREATE TABLE " + topic + " (`USER` STRING, " + columns + ", " + EVENT_TIME + ") WITH ("
        + "'connector' = 'kafka', 'topic' = '" + topic + "', 'key.format' = 'raw', 'key.fields' = 'USER',"
        + "'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY', 'scan.startup.mode' = 'earliest-offset',"
        + "'scan.bounded.mode' = 'latest-offset'," + kafka() + ")";
  }

  private String lossesTable() {
    return "CREATE TABLE LOSSES_PER_USER (`USER` STRING, TOTAL_LOSSES BIGINT, " + EVENT_TIME
        + ", PRIMARY KEY (`USER`) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'LOSSES_PER_USER',"
        + "'key.format' = 'raw', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY',"
        + "'scan.bounded.mode' = 'latest-offset'," + kafka() + ")";
  }

  private String sinkTable() {
    String keyed = "'key.format' = 'raw', 'value.format' = 'json', 'value.fields-include' = 'EXCEPT_KEY'";
    return switch (pipeline) {
      case "filter" -> sink("`USER` STRING, SCORE INT, `LEVEL` INT", "kafka", "'format' = 'json'");
      case "join" -> sink("`USER` STRING, SCORE INT, LOSSES BIGINT", "kafka", keyed + ", 'key.fields' = 'USER'");
      case "stream-join" -> sink("`USER` STRING, SCORE INT, POINTS INT", "kafka", keyed + ", 'key.fields' = 'USER'");
      case "scoreboard" -> sink("`USER` STRING, HIGHEST_SCORE INT, HIGHEST_LEVEL INT, TOTAL_LOSSES BIGINT,"
          + "PRIMARY KEY (`USER`) NOT ENFORCED", "upsert-kafka", keyed);
      case "window" -> merges
          ? sink(WINDOW_COLUMNS, "kafka", "'format' = 'json', 'json.timestamp-format.standard' = 'ISO-8601'")
          : sink(WINDOW_COLUMNS + ", PRIMARY KEY (`USER`, WINDOW_START) NOT ENFORCED", "upsert-kafka",
              "'key.format' = 'json', 'value.format' = 'json', 'value.json.timestamp-format.standard' = 'ISO-8601'");
      default -> throw new IllegalArgumentException("no pipeline " + pipeline);
    };
  }

  private String sink(String columns, String connector, String formats) {
    String delivery = exactlyOnce()
        ? "'sink.delivery-guarantee' = 'exactly-once', 'sink.transactional-id-prefix' = '" + out + "',"
            + "'properties.transaction.timeout.ms' = '600000',"
        : "'sink.delivery-guarantee' = 'at-least-once',";
    return "CREATE TABLE SINK (" + columns + ") WITH ('connector' = '" + connector + "', 'topic' = '" + out + "',"
        + formats + "," + delivery + kafka() + ")";
  }

  private String kafka() {
    return "'properties.bootstrap.servers' = '" + options.text("bootstrap") + "', 'properties.group.id' = '" + out + "'";
  }

  private String query() {
    String within = "INTERVAL '" + options.text("withinSeconds") + "' SECOND";
    String losses = "LOSSES_PER_USER FOR SYSTEM_TIME AS OF UG.TS AS L ON UG.`USER` = L.`USER`";
    return switch (pipeline) {
      case "filter" -> "SELECT `USER`, GAME.SCORE, GAME.`LEVEL` FROM USER_GAME WHERE GAME.SCORE > 25000";
      case "join" -> "SELECT UG.`USER`, UG.GAME.SCORE, L.TOTAL_LOSSES FROM USER_GAME UG JOIN " + losses;
      case "stream-join" -> "SELECT P.`USER`, P.SCORE, R.POINTS FROM PLAYS P JOIN REWARDS R ON P.`USER` = R.`USER`"
          + " AND R.TS BETWEEN P.TS - " + within + " AND P.TS + " + within;
      case "scoreboard" -> options.text("form", "temporal").equals("temporal")
          ? "SELECT UG.`USER`, MAX(UG.GAME.SCORE), MAX(UG.GAME.`LEVEL`), MAX(COALESCE(L.TOTAL_LOSSES, 0))"
              + " FROM USER_GAME UG LEFT JOIN " + losses + " GROUP BY UG.`USER`"
          : "SELECT G.`USER`, G.S, G.V, COALESCE(L.TOTAL_LOSSES, 0) FROM (SELECT `USER`, MAX(GAME.SCORE) AS S,"
              + " MAX(GAME.`LEVEL`) AS V FROM USER_GAME GROUP BY `USER`) G"
              + " LEFT JOIN LOSSES_PER_USER L ON G.`USER` = L.`USER`";
      // With its windows, Flink writes a window once, when it closes; as a plain grouping, at every event.
      case "window" -> merges
          ? "SELECT `USER`, window_start, COUNT(*) FROM TABLE("
              + "TUMBLE(TABLE USER_GAME, DESCRIPTOR(TS), INTERVAL '1' MINUTE)) GROUP BY `USER`, window_start, window_end"
          : "SELECT `USER`, M, COUNT(*) FROM (SELECT `USER`, FLOOR(CAST(TS AS TIMESTAMP(3)) TO MINUTE) AS M FROM USER_GAME)"
              + " GROUP BY `USER`, M";
      default -> throw new IllegalArgumentException("no pipeline " + pipeline);
    };
  }
}
