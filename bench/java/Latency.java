import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends `rate` records a second and measures two times of each, from the moment it was due (so a stall counts for every
 * record that it delayed): until it was acknowledged, and until a consumer in the same process had it.
 */
public final class Latency {
  public static void main(String[] args) throws Exception {
    Options options = new Options(args);
    String topic = options.text("topic");
    int rate = options.count("rate");
    int warmUp = rate * options.count("warmUpSeconds");
    int total = warmUp + rate * options.count("seconds");
    int recordBytes = options.count("recordBytes");
    String bootstrap = options.text("bootstrap");
    long[] due = new long[total];
    long[] acknowledged = new long[total];
    long[] consumed = new long[total];
    AtomicInteger failures = new AtomicInteger();
    AtomicInteger received = new AtomicInteger();
    Map<String, Object> producing =
        Map.of("bootstrap.servers", bootstrap, "acks", options.text("acks", "all"), "linger.ms", "0");
    Map<String, Object> consuming = Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "latest");
    try (var producer = new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer());
        var consumer = new KafkaConsumer<>(consuming, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      producer.partitionsFor(topic);
      List<TopicPartition> partitions = List.of(new TopicPartition(topic, 0));
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      consumer.position(partitions.get(0));
      Thread reader = new Thread(() -> {
        long deadline = System.nanoTime() + (total / rate + 30) * 1_000_000_000L;
        while (received.get() < total && System.nanoTime() < deadline) {
          for (var record : consumer.poll(Duration.ofMillis(100))) {
            consumed[number(record.value())] = System.nanoTime();
            received.incrementAndGet();
          }
        }
      });
      reader.start();
      long begun = System.nanoTime() + 100_000_000L;
      for (int n = 0; n < total; n++) {
        due[n] = begun + n * 1_000_000_000L / rate;
        for (long left; (left = due[n] - System.nanoTime()) > 0; ) LockSupport.parkNanos(left);
        int number = n;
        byte[] value = new byte[recordBytes];
        for (int i = 0; i < Integer.BYTES; i++) value[i] = (byte) (n >>> (8 * i));
        producer.send(new ProducerRecord<>(topic, 0, null, value), (metadata, error) -> {
          acknowledged[number] = System.nanoTime();
          if (error != null) failures.incrementAndGet();
        });
      }
      producer.flush();
      reader.join();
    }
    if (failures.get() > 0 || received.get() < total)
      throw new IllegalStateException(failures + " not acknowledged, " + received + " of " + total + " received");
    say("ack", due, acknowledged, warmUp);
    say("end", due, consumed, warmUp);
  }

  private static int number(byte[] value) {
    int n = 0;
    for (int i = 0; i < Integer.BYTES; i++) n |= (value[i] & 0xff) << (8 * i);
    return n;
  }

  /** `NAME P50 P99 P999` in milliseconds. */
  private static void say(String name, long[] due, long[] reached, int from) {
    long[] nanos = new long[due.length - from];
    for (int n = 0; n < nanos.length; n++) nanos[n] = reached[from + n] - due[from + n];
    Arrays.sort(nanos);
    StringBuilder line = new StringBuilder(name);
    for (double quantile : new double[] {0.5, 0.99, 0.999}) {
      int at = (int) Math.min(nanos.length - 1, Math.ceil(nanos.length * quantile) - 1);
      line.append(String.format(Locale.ROOT, " %.3f", nanos[at] / 1e6));
    }
    System.out.println(line);
  }
}
