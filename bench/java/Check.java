import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Is what a pipeline wrote what a plain loop over the generator says? Tables: the last value of each key, compared one
 * by one. Streams: how many records, and the sum of their hashes, since partitions have no common order.
 */
public final class Check {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Options options;
  private final Events events;
  private final String pipeline;

  private Check(Options options) {
    this.options = options;
    this.events = new Events(options);
    this.pipeline = options.text("pipeline");
  }

  public static void main(String[] args) throws Exception {
    Check check = new Check(new Options(args));
    boolean table = check.pipeline.equals("scoreboard") || check.pipeline.equals("window");
    String difference = table ? check.compareTable() : check.compareStream();
    if (difference != null) {
      System.err.println(difference);
      System.exit(1);
    }
  }

  private String compareTable() throws Exception {
    Map<String, String> found = new HashMap<>();
    read(record -> {
      String key = keyOf(record);
      if (record.value() == null) found.remove(key);
      else found.put(key, tableValue(JSON.readTree(record.value())));
    });
    Map<String, String> expected = pipeline.equals("window") ? foldWindows() : foldScores();
    int wrong = 0;
    String example = "";
    for (var entry : expected.entrySet()) {
      String value = found.get(entry.getKey());
      if (Objects.equals(value, entry.getValue())) continue;
      if (wrong++ == 0) example = entry.getKey() + " is " + value + " instead of " + entry.getValue();
    }
    if (wrong == 0 && found.size() == expected.size()) return null;
    return found.size() + " rows for " + expected.size() + " expected, " + wrong + " wrong: " + example;
  }

  private String compareStream() throws Exception {
    long[] found = new long[2];
    read(record -> {
      found[0]++;
      found[1] += hash(streamValue(record));
    });
    long[] expected = new long[2];
    Consumer<String> expect = value -> {
      expected[0]++;
      expected[1] += hash(value);
    };
    if (pipeline.equals("stream-join")) expectPairs(expect);
    else for (long n = 0; n < events.events; n++) expectOf(n, expect);
    if (Arrays.equals(found, expected)) return null;
    return found[0] + " records for " + expected[0] + " expected, or their contents differ";
  }

  private void expectOf(long n, Consumer<String> expect) {
    long player = events.player(n);
    String user = Events.user(player);
    if (pipeline.equals("join")) {
      if (Events.hasLosses(player)) expect.accept(user + "," + Events.score(n) + "," + Events.losses(player));
    } else if (Events.score(n) > 25_000)
      expect.accept(user + "," + Events.score(n) + "," + Events.level(n));
  }

  /** Each play with the rewards of its player that are near enough in time: the rewards of a player lie in the order of time. */
  private void expectPairs(Consumer<String> expect) {
    long withinMs = options.number("withinSeconds") * 1_000;
    List<List<Long>> rewards = new ArrayList<>();
    for (long player = 0; player < events.keys; player++) rewards.add(new ArrayList<>());
    for (long n = 1; n < events.events; n += 2) rewards.get((int) events.playerOfPair(n)).add(n);
    int[] first = new int[rewards.size()];
    for (long n = 0; n < events.events; n += 2) {
      int player = (int) events.playerOfPair(n);
      List<Long> ofPlayer = rewards.get(player);
      long timeMs = events.timestampMs(n);
      while (first[player] < ofPlayer.size() && events.timestampMs(ofPlayer.get(first[player])) < timeMs - withinMs)
        first[player]++;
      for (long reward : ofPlayer.subList(first[player], ofPlayer.size())) {
        if (events.timestampMs(reward) > timeMs + withinMs) break;
        expect.accept(Events.user(player) + "," + Events.score(n) + "," + Events.points(reward));
      }
    }
  }

  private String streamValue(ConsumerRecord<byte[], byte[]> record) throws Exception {
    JsonNode value = JSON.readTree(record.value());
    if (pipeline.equals("filter"))
      return value.get("USER").asText() + "," + value.get("SCORE").asLong() + "," + value.get("LEVEL").asLong();
    String joined = pipeline.equals("stream-join") ? "POINTS" : "LOSSES";
    return text(record.key()) + "," + value.get("SCORE").asLong() + "," + value.get(joined).asLong();
  }

  /** Windowed keys are `user@windowStart`: from the key's last eight bytes, or from the value where a rival has them there. */
  private String keyOf(ConsumerRecord<byte[], byte[]> record) throws Exception {
    if (!pipeline.equals("window")) return text(record.key());
    if (options.text("windowIn", "key").equals("value")) {
      JsonNode value = JSON.readTree(record.value());
      LocalDateTime start = LocalDateTime.parse(value.get("WINDOW_START").asText());
      return value.get("USER").asText() + "@" + start.toInstant(ZoneOffset.UTC).toEpochMilli();
    }
    int split = record.key().length - Long.BYTES;
    String user = new String(record.key(), 0, split, StandardCharsets.UTF_8);
    return user + "@" + ByteBuffer.wrap(record.key(), split, Long.BYTES).getLong();
  }

  private String tableValue(JsonNode value) {
    if (pipeline.equals("window")) return value.get("N").asText();
    return value.get("HIGHEST_SCORE").asLong() + "," + value.get("HIGHEST_LEVEL").asLong() + ","
        + value.get("TOTAL_LOSSES").asLong();
  }

  private Map<String, String> foldScores() {
    int players = Math.toIntExact(events.keys);
    int[] score = new int[players];
    int[] level = new int[players];
    boolean[] seen = new boolean[players];
    for (long n = 0; n < events.events; n++) {
      int player = (int) events.player(n);
      score[player] = Math.max(score[player], Events.score(n));
      level[player] = Math.max(level[player], Events.level(n));
      seen[player] = true;
    }
    Map<String, String> table = new HashMap<>();
    for (int player = 0; player < players; player++) {
      long losses = Events.hasLosses(player) ? Events.losses(player) : 0;
      if (seen[player]) table.put(Events.user(player), score[player] + "," + level[player] + "," + losses);
    }
    return table;
  }

  private Map<String, String> foldWindows() {
    Map<String, Long> counts = new HashMap<>();
    for (long n = 0; n < events.events; n++) {
      long windowStart = events.timestampMs(n) / 60_000 * 60_000;
      counts.merge(Events.user(events.player(n)) + "@" + windowStart, 1L, Long::sum);
    }
    Map<String, String> table = new HashMap<>();
    counts.forEach((key, count) -> table.put(key, count.toString()));
    return table;
  }

  private interface Reader {
    void accept(ConsumerRecord<byte[], byte[]> record) throws Exception;
  }

  private void read(Reader reader) throws Exception {
    Map<String, Object> config = Map.of(
        "bootstrap.servers", options.text("bootstrap"), "isolation.level", "read_committed",
        "auto.offset.reset", "earliest", "max.poll.records", "10000");
    try (var consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = consumer.partitionsFor(options.text("topic")).stream()
          .map(partition -> new TopicPartition(partition.topic(), partition.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
        for (var record : consumer.poll(Duration.ofMillis(500))) reader.accept(record);
      }
    }
  }

  private static String text(byte[] bytes) {
    return bytes == null ? "" : new String(bytes, StandardCharsets.UTF_8);
  }

  /** FNV-1a. */
  private static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    return hash;
  }
}
