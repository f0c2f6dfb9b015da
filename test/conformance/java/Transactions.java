import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.tools.*;

/**
 * Transactions of a 4.1 client, and the tools that look at them and end them.
 *
 * <pre>java -cp $CLASSPATH Transactions.java HOST:PORT</pre>
 */
public class Transactions {
  static String bootstrap;

  static class ToolEnded extends RuntimeException {
    ToolEnded(String message) {
      super(message);
    }
  }

  static KafkaProducer<String, String> producer(String id) {
    var producer = new KafkaProducer<>(
        Map.<String, Object>of("bootstrap.servers", bootstrap, "transactional.id", id, "transaction.timeout.ms", 600_000),
        new StringSerializer(), new StringSerializer());
    producer.initTransactions();
    return producer;
  }

  static List<String> committed(String topic) {
    try (var consumer = new KafkaConsumer<>(
        Map.<String, Object>of("bootstrap.servers", bootstrap, "isolation.level", "read_committed"),
        new StringDeserializer(), new StringDeserializer())) {
      var partitions = consumer.partitionsFor(topic).stream().map(p -> new TopicPartition(topic, p.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      var values = new ArrayList<String>();
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p)))
        consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
      return values;
    }
  }

  static void tool(String title, String... args) throws Exception {
    System.out.println("== " + title);
    var all = new ArrayList<>(List.of("--bootstrap-server", bootstrap));
    all.addAll(List.of(args));
    // The command ends its process, by its own account.
    Exit.setExitProcedure((code, message) -> {
      throw new ToolEnded(code + (message == null ? "" : " " + message));
    });
    try {
      TransactionsCommand.main(all.toArray(String[]::new));
    } catch (ToolEnded ended) {
      if (!ended.getMessage().equals("0")) System.out.println("exit: " + ended.getMessage());
    }
    System.out.flush();
  }

  public static void main(String[] args) throws Exception {
    bootstrap = args[0];
    try (var admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.createTopics(List.of(new NewTopic("tv2", 2, (short) 1), new NewTopic("open", 1, (short) 1))).all().get();
      var features = admin.describeFeatures().featureMetadata().get();
      System.out.println("transaction.version: " + features.finalizedFeatures().get("transaction.version"));

      try (var producer = producer("tv2")) {
        for (int n = 0; n < 20; n++) {
          producer.beginTransaction();
          for (int p = 0; p < 2; p++) producer.send(new ProducerRecord<>("tv2", p, null, n + "-" + p));
          producer.sendOffsetsToTransaction(
              Map.of(new TopicPartition("tv2", 0), new OffsetAndMetadata(n)), new ConsumerGroupMetadata("tv2-group"));
          if (n % 3 == 0) producer.abortTransaction();
          else producer.commitTransaction();
        }
      }
      var expected = IntStream.range(0, 20).filter(n -> n % 3 != 0).boxed()
          .flatMap(n -> Stream.of(n + "-0", n + "-1")).sorted().toList();
      System.out.println("committed: " + committed("tv2").stream().sorted().toList().equals(expected));
      var offset = admin.listConsumerGroupOffsets("tv2-group").partitionsToOffsetAndMetadata().get();
      System.out.println("offset: " + offset.get(new TopicPartition("tv2", 0)).offset());
      var state = admin.describeTransactions(List.of("tv2")).description("tv2").get();
      System.out.println("epoch: " + state.producerEpoch() + " " + state.state());

      var open = producer("open-id");
      open.beginTransaction();
      open.send(new ProducerRecord<>("open", 0, null, "never")).get();
      tool("list", "list");
      tool("pattern", "list", "--transactional-id-pattern", "open-.*");
      tool("describe", "describe", "--transactional-id", "open-id");
      tool("describe-producers", "describe-producers", "--topic", "open", "--partition", "0");
      tool("find-hanging", "find-hanging", "--broker-id", "1", "--max-transaction-timeout", "0");
      tool("abort", "abort", "--topic", "open", "--partition", "0", "--start-offset", "0");
      tool("describe-producers", "describe-producers", "--topic", "open", "--partition", "0");
      tool("force-terminate", "forceTerminateTransaction", "--transactionalId", "open-id");
      tool("describe", "describe", "--transactional-id", "open-id");
      try {
        open.commitTransaction();
        System.out.println("fenced: no");
      } catch (Exception error) {
        System.out.println("fenced: " + error.getClass().getSimpleName());
      }
      System.out.println("read: " + committed("open"));
    }
    System.exit(0);
  }
}
