import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Writes events `from` to `to` into a topic, which it creates unless it is there. The partition is the hash of the
 * player, so every broker holds the same bytes in the same order.
 */
public final class Load {
  public static void main(String[] args) throws Exception {
    Options options = new Options(args);
    Events events = new Events(options);
    String topic = options.text("topic");
    int partitions = options.count("partitions");
    createTopic(options.text("bootstrap"), topic, partitions);
    String kind = options.text("kind");
    boolean losses = kind.equals("losses");
    long from = Long.parseLong(options.text("from", "0"));
    long to = losses ? events.keys : Long.parseLong(options.text("to", Long.toString(events.events)));
    Map<String, Object> config = Map.of(
        "bootstrap.servers", options.text("bootstrap"), "acks", "all", "linger.ms", "5", "batch.size", "262144",
        "buffer.memory", "67108864");
    AtomicReference<Exception> failure = new AtomicReference<>();
    try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (long n = from; n < to && failure.get() == null; n++) {
        byte[] value = valueOf(kind, n, events);
        if (value == null) continue;
        byte[] user = Events.user(playerOf(kind, n, events)).getBytes();
        int partition = Utils.toPositive(Utils.murmur2(user)) % partitions;
        // Before every event, so that no join depends on which of its inputs was read first.
        long timestampMs = losses ? events.baseMs - 60_000 : events.timestampMs(n);
        var record = new ProducerRecord<byte[], byte[]>(
            topic, partition, timestampMs, kind.equals("games") ? null : user, value);
        producer.send(record, (metadata, error) -> {
          if (error != null) failure.set(error);
        });
      }
    }
    if (failure.get() != null) throw failure.get();
  }

  /** Null: the topic does not have this event. */
  private static byte[] valueOf(String kind, long n, Events events) {
    return switch (kind) {
      case "games" -> events.game(n);
      case "losses" -> Events.hasLosses(n) ? Events.lossesJson(n) : null;
      case "plays" -> Events.isReward(n) ? null : Events.playJson(n);
      case "rewards" -> Events.isReward(n) ? Events.rewardJson(n) : null;
      default -> throw new IllegalArgumentException("no events " + kind);
    };
  }

  private static long playerOf(String kind, long n, Events events) {
    return switch (kind) {
      case "losses" -> n;
      case "plays", "rewards" -> events.playerOfPair(n);
      default -> events.player(n);
    };
  }

  private static void createTopic(String bootstrap, String topic, int partitions) throws Exception {
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", bootstrap))) {
      admin.createTopics(List.of(new NewTopic(topic, Optional.of(partitions), Optional.empty()))).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) throw e;
    }
  }
}
