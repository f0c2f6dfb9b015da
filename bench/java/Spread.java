import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes records of 100 bytes to the partitions of a topic in turn, at most for so long; prints how many, and how many a second. */
public final class Spread {
  public static void main(String[] args) throws Exception {
    Options options = new Options(args);
    int records = options.count("records");
    int partitions = options.count("partitions");
    Map<String, Object> config = Map.of(
        "bootstrap.servers", options.text("bootstrap"), "acks", "all", "linger.ms", "20", "batch.size", "4096",
        "buffer.memory", "67108864", "max.block.ms", "120000", "delivery.timeout.ms", "300000");
    byte[] value = new byte[100];
    AtomicReference<Exception> failure = new AtomicReference<>();
    try (var producer = new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
      String topic = options.text("topic");
      producer.partitionsFor(topic);
      long begun = System.nanoTime();
      long deadline = begun + options.number("seconds") * 1_000_000_000L;
      int sent = 0;
      while (sent < records && System.nanoTime() < deadline) {
        int n = sent++;
        producer.send(new ProducerRecord<>(topic, n % partitions, null, value), (metadata, error) -> {
          if (error != null) failure.set(error);
        });
      }
      producer.flush();
      System.out.println("sent " + sent + " " + sent / ((System.nanoTime() - begun) / 1e9));
    }
    if (failure.get() != null) throw failure.get();
  }
}
