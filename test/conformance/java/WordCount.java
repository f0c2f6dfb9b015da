import java.nio.file.Files;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.*;

/**
 * The word count of Kafka Streams, exactly once, stopped in the middle and started again on an empty state folder, so
 * that it restores its table from the changelog. Prints the final counts.
 *
 * <pre>java -cp $CLASSPATH WordCount.java HOST:PORT</pre>
 */
public class WordCount {
  public static void main(String[] args) throws Exception {
    String bootstrap = args[0];
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.createTopics(List.of(new NewTopic("words-in", 2, (short) 1), new NewTopic("words-out", 2, (short) 1))).all().get();
    }
    var counts = new TreeMap<String, Long>();
    long wordsSent = 0;
    for (var line : List.of("all streams lead to kafka", "hello kafka streams")) {
      try (var producer = new KafkaProducer<>(Map.<String, Object>of("bootstrap.servers", bootstrap),
          new StringSerializer(), new StringSerializer())) {
        for (int n = 0; n < 50; n++) producer.send(new ProducerRecord<>("words-in", n % 2, null, line));
        wordsSent += 50L * line.split(" ").length;
      }
      try (var streams = new KafkaStreams(topology(), settings(bootstrap))) {
        streams.setUncaughtExceptionHandler(error -> {
          System.err.println(error);
          return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.start();
        for (long until = System.currentTimeMillis() + 40_000; System.currentTimeMillis() < until;) {
          counts = read(bootstrap);
          if (counts.values().stream().mapToLong(count -> count).sum() >= wordsSent) break;
        }
      }
    }
    System.out.println(counts);
  }

  static Properties settings(String bootstrap) throws Exception {
    var settings = new Properties();
    settings.put("application.id", "word-count");
    settings.put("bootstrap.servers", bootstrap);
    settings.put("processing.guarantee", "exactly_once_v2");
    settings.put("commit.interval.ms", 100);
    // A stream thread does not leave its group when it closes: the next one waits for its session to end.
    settings.put("session.timeout.ms", 6000);
    settings.put("heartbeat.interval.ms", 500);
    settings.put("state.dir", Files.createTempDirectory("word-count").toString());
    settings.put("default.key.serde", Serdes.StringSerde.class);
    settings.put("default.value.serde", Serdes.StringSerde.class);
    settings.put("auto.offset.reset", "earliest");
    return settings;
  }

  static Topology topology() {
    var builder = new StreamsBuilder();
    builder.<String, String>stream("words-in")
        .flatMapValues(line -> List.of(line.split(" ")))
        .groupBy((key, word) -> word)
        .count(Materialized.<String, Long>as(Stores.inMemoryKeyValueStore("counts"))
            .withKeySerde(Serdes.String()).withValueSerde(Serdes.Long()))
        .toStream()
        .to("words-out", Produced.with(Serdes.String(), Serdes.Long()));
    return builder.build();
  }

  /** The last count of each word that is committed. Counts must rise one by one: nothing is counted twice. */
  static TreeMap<String, Long> read(String bootstrap) {
    var counts = new TreeMap<String, Long>();
    try (var consumer = new KafkaConsumer<>(Map.<String, Object>of("bootstrap.servers", bootstrap,
        "isolation.level", "read_committed"), new StringDeserializer(), new LongDeserializer())) {
      var partitions = List.of(new TopicPartition("words-out", 0), new TopicPartition("words-out", 1));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition)))
        for (var record : consumer.poll(Duration.ofMillis(100))) {
          Long before = counts.put(record.key(), record.value());
          if (before != null && record.value() <= before) counts.put(record.key() + " not rising", record.value());
        }
    }
    return counts;
  }
}
