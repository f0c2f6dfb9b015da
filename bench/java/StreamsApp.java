import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The pipelines as a Kafka Streams application: the topology that ksqlDB would make of the same statements, with stores in
 * memory where those are faster, and plain Jackson readers and writers instead of ksqlDB's slower generic rows.
 *
 * Events are counted at the last stage, behind the repartition topic where there is one.
 */
public final class StreamsApp {
  record Game(@JsonProperty("SCORE") int score, @JsonProperty("LIVES") int lives, @JsonProperty("LEVEL") int level) {}
  record Event(@JsonProperty("USER") String user, @JsonProperty("GAME") Game game) {}
  record Losses(@JsonProperty("TOTAL_LOSSES") long totalLosses) {}
  record Filtered(@JsonProperty("USER") String user, @JsonProperty("SCORE") int score, @JsonProperty("LEVEL") int level) {}
  record Joint(@JsonProperty("SCORE") int score, @JsonProperty("LOSSES") long losses) {}
  record Play(@JsonProperty("SCORE") int score, @JsonProperty("LEVEL") int level, @JsonProperty("LOSSES") long losses) {}
  record Stats(
      @JsonProperty("HIGHEST_SCORE") int highestScore,
      @JsonProperty("HIGHEST_LEVEL") int highestLevel,
      @JsonProperty("TOTAL_LOSSES") long totalLosses) {
    Stats with(Play play) {
      return new Stats(
          Math.max(highestScore, play.score()), Math.max(highestLevel, play.level()),
          Math.max(totalLosses, play.losses()));
    }
  }
  record Played(@JsonProperty("SCORE") int score, @JsonProperty("LEVEL") int level) {}
  record Reward(@JsonProperty("POINTS") int points) {}
  record Rewarded(@JsonProperty("SCORE") int score, @JsonProperty("POINTS") int points) {}
  record Count(@JsonProperty("N") long n) {}

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Serde<String> USER = Serdes.String();
  private static final Serde<Event> EVENT = json(Event.class);
  private static final Serde<Stats> STATS = json(Stats.class);

  private final Options options;
  private final LongAdder counted = new LongAdder();
  private final StreamsBuilder builder = new StreamsBuilder();
  private final String out;

  private StreamsApp(Options options) {
    this.options = options;
    this.out = options.text("out");
  }

  public static void main(String[] args) throws Exception {
    new StreamsApp(new Options(args)).run();
  }

  private void run() throws Exception {
    long events = options.number("events");
    KafkaStreams streams = new KafkaStreams(topology(), config());
    streams.start();
    if (options.text("restoreUser", null) != null) {
      awaitRestored(streams, options.text("restoreUser"));
      Progress.say("done", events);
      System.exit(0);
    }
    double firstAt = 0;
    double boundAt = Double.MAX_VALUE;
    long n = 0;
    while (n < events && Progress.seconds() < boundAt) {
      if (streams.state() == KafkaStreams.State.ERROR) System.exit(1);
      Thread.sleep(50);
      n = counted.sum();
      if (n == 0) continue;
      if (firstAt == 0) {
        firstAt = Progress.seconds();
        boundAt = firstAt + options.number("boundSeconds");
      }
      Progress.say("progress", n);
    }
    Progress.say("done", n);
    streams.close(Duration.ofSeconds(30));
    System.out.println("closed");
    System.exit(0);
  }

  /** Until the table of scores answers for a player, which it does not before all of it is restored. */
  private static void awaitRestored(KafkaStreams streams, String user) throws InterruptedException {
    for (;;) {
      try {
        ReadOnlyKeyValueStore<String, Stats> scores =
            streams.store(StoreQueryParameters.fromNameAndType("stats", QueryableStoreTypes.keyValueStore()));
        if (scores.get(user) != null) return;
      } catch (StreamsException notYet) {
        if (streams.state() == KafkaStreams.State.ERROR) throw notYet;
      }
      Thread.sleep(5);
    }
  }

  private Topology topology() {
    switch (options.text("pipeline")) {
      case "filter" -> filter(games());
      case "scoreboard" -> scoreboard(games());
      case "window" -> window(games());
      case "join" -> join(games());
      case "stream-join" -> streamJoin();
      default -> throw new IllegalArgumentException("no pipeline " + options.text("pipeline"));
    }
    return builder.build(config());
  }

  private KStream<byte[], Event> games() {
    return builder.stream("USER_GAME", Consumed.with(Serdes.ByteArray(), EVENT));
  }

  private void filter(KStream<byte[], Event> games) {
    games.peek((key, event) -> counted.increment())
        .filter((key, event) -> event.game().score() > 25_000)
        .mapValues(event -> new Filtered(event.user(), event.game().score(), event.game().level()))
        .to(out, Produced.with(Serdes.ByteArray(), json(Filtered.class)));
  }

  private void scoreboard(KStream<byte[], Event> games) {
    byUser(games)
        .leftJoin(
            losses(),
            (event, losses) ->
                new Play(event.game().score(), event.game().level(), losses == null ? 0 : losses.totalLosses()),
            Joined.with(USER, EVENT, json(Losses.class)))
        .groupByKey(Grouped.with(USER, json(Play.class)))
        .aggregate(
            () -> new Stats(Integer.MIN_VALUE, Integer.MIN_VALUE, Long.MIN_VALUE),
            (user, play, stats) -> stats.with(play),
            Materialized.<String, Stats>as(Stores.inMemoryKeyValueStore("stats"))
                .withKeySerde(USER).withValueSerde(STATS))
        .toStream()
        .to(out, Produced.with(USER, STATS));
  }

  private void window(KStream<byte[], Event> games) {
    Duration size = Duration.ofMinutes(1);
    Duration retention = Duration.ofDays(1);
    byUser(games)
        .groupByKey(Grouped.with(USER, EVENT))
        .windowedBy(TimeWindows.ofSizeAndGrace(size, retention.minus(size)))
        .count(
            Materialized.<String, Long>as(Stores.inMemoryWindowStore("counts", retention, size, false))
                .withKeySerde(USER).withValueSerde(Serdes.Long()))
        .toStream()
        .mapValues(Count::new)
        .to(out, Produced.with(WindowedSerdes.timeWindowedSerdeFrom(String.class, size.toMillis()), json(Count.class)));
  }

  private void join(KStream<byte[], Event> games) {
    byUser(games)
        .join(
            losses(),
            (event, losses) -> new Joint(event.game().score(), losses.totalLosses()),
            Joined.with(USER, EVENT, json(Losses.class)))
        .to(out, Produced.with(USER, json(Joint.class)));
  }

  /**
   * Both topics are keyed, so that nothing is written and read again before they meet. The stores are RocksDB's, as by
   * default: those in memory go through all times within reach at each lookup.
   */
  private void streamJoin() {
    Duration within = Duration.ofSeconds(options.number("withinSeconds"));
    counted("PLAYS", json(Played.class))
        .join(
            counted("REWARDS", json(Reward.class)),
            (play, reward) -> new Rewarded(play.score(), reward.points()),
            JoinWindows.ofTimeDifferenceAndGrace(within, within),
            StreamJoined.with(USER, json(Played.class), json(Reward.class)))
        .to(out, Produced.with(USER, json(Rewarded.class)));
  }

  private <T> KStream<String, T> counted(String topic, Serde<T> value) {
    return builder.stream(topic, Consumed.with(USER, value)).peek((user, event) -> counted.increment());
  }

  private KStream<String, Event> byUser(KStream<byte[], Event> games) {
    return games.selectKey((key, event) -> event.user())
        .repartition(Repartitioned.with(USER, EVENT).withName("by-user"))
        .peek((user, event) -> counted.increment());
  }

  private KTable<String, Losses> losses() {
    Materialized<String, Losses, KeyValueStore<Bytes, byte[]>> store =
        Materialized.as(Stores.inMemoryKeyValueStore("losses"));
    return builder.table("LOSSES_PER_USER", Consumed.with(USER, json(Losses.class)),
        store.withKeySerde(USER).withValueSerde(json(Losses.class)));
  }

  private Properties config() {
    Properties config = new Properties();
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, options.text("appId"));
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.text("bootstrap"));
    config.put(StreamsConfig.STATE_DIR_CONFIG, options.text("stateDir"));
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, options.text("guarantee"));
    config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, options.text("threads"));
    config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, options.text("commitMs"));
    config.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, options.text("cacheBytes"));
    // As ksqlDB sets it: a table's source topic is its changelog.
    config.put(StreamsConfig.TOPOLOGY_OPTIMIZATION_CONFIG, StreamsConfig.OPTIMIZE);
    config.put("auto.offset.reset", "earliest");
    return config;
  }

  private static <T> Serde<T> json(Class<T> type) {
    ObjectReader reader = JSON.readerFor(type);
    ObjectWriter writer = JSON.writerFor(type);
    return Serdes.serdeFrom(
        (topic, value) -> {
          try {
            return value == null ? null : writer.writeValueAsBytes(value);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        (topic, bytes) -> {
          try {
            return bytes == null ? null : reader.readValue(bytes);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }
}
