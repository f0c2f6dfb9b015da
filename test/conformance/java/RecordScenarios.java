import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.header.internals.RecordHeader;

/** What a record keeps on its way, what is refused, and how consumers move about. */
class RecordScenarios extends Clients {
  static void register() {
    SCENARIOS.put("record-contents", () -> {
      create("contents", 1);
      long now = System.currentTimeMillis() - 10_000;
      try (var producer = producer()) {
        var record = new ProducerRecord<>("contents", 0, now, "key", "value");
        record.headers().add(new RecordHeader("h", "x".getBytes(StandardCharsets.UTF_8)))
            .add(new RecordHeader("h", null)).add(new RecordHeader("", new byte[0]));
        producer.send(record).get();
        producer.send(new ProducerRecord<>("contents", 0, now + 1, (String) null, (String) null)).get();
        producer.send(new ProducerRecord<>("contents", 0, now + 2, "", "")).get();
      }
      var results = new ArrayList<Object>();
      try (var consumer = consumer()) {
        consumer.assign(List.of(at("contents", 0)));
        await(() -> {
          for (var record : consumer.poll(Duration.ofMillis(100)))
            results.add(record.offset() + " " + (record.timestamp() - now) + " " + record.timestampType() + " " + record.key() + " "
                + record.value() + " " + record.leaderEpoch().isPresent() + " " + record.serializedKeySize() + " "
                + record.serializedValueSize() + " " + Arrays.stream(record.headers().toArray())
                    .map(header -> header.key() + "=" + (header.value() == null ? null : new String(header.value()))).toList());
          return results.size() == 3;
        });
      }
      return results;
    });

    SCENARIOS.put("refused-records", () -> {
      create("refused", 1);
      create("refused-old", 1, "message.timestamp.before.max.ms", "1000", "message.timestamp.after.max.ms", "1000");
      var results = new ArrayList<Object>();
      long now = System.currentTimeMillis();
      try (var producer = producer("max.block.ms", 2000, "delivery.timeout.ms", 4000, "request.timeout.ms", 2000, "linger.ms", 0)) {
        results.add(told(() -> producer.send(new ProducerRecord<>("refused", 0, now + 7_200_000, null, "tomorrow")).get().offset())
            .toString().replaceAll("\\d{9,}", "N"));
        results.add(told(() -> producer.send(new ProducerRecord<>("refused-old", 0, now - 60_000, null, "yesterday")).get().offset())
            .toString().replaceAll("\\d{9,}", "N"));
        results.add(told(() -> producer.send(new ProducerRecord<>("refused", 5, null, "nowhere")).get().offset()));
        results.add(told(() -> producer.send(new ProducerRecord<>("bad/name", "x")).get().offset()));
        results.add(told(() -> producer.send(new ProducerRecord<>("x".repeat(300), "x")).get().offset())
            .toString().replaceAll("x{200,}", "X"));
        results.add(told(() -> producer.send(new ProducerRecord<>("refused", "good")).get().offset()));
      }
      create("isr", 1, "min.insync.replicas", "2");
      try (var producer = producer("delivery.timeout.ms", 3000, "request.timeout.ms", 1000, "retry.backoff.ms", 500)) {
        results.add(attempt(() -> producer.send(new ProducerRecord<>("isr", "lonely")).get().offset()));
      }
      return results;
    });

    SCENARIOS.put("topic-codecs", () -> {
      var results = new ArrayList<Object>();
      for (String codec : List.of("uncompressed", "gzip", "snappy", "lz4", "zstd", "producer")) {
        create("codec-" + codec, 1, "compression.type", codec);
        try (var producer = producer("compression.type", "lz4")) {
          for (int n = 0; n < 10; n++) producer.send(new ProducerRecord<>("codec-" + codec, "v" + n));
        }
        results.add(read("codec-" + codec).size());
      }
      return results;
    });

    SCENARIOS.put("auto-creation", () -> {
      var results = new ArrayList<Object>();
      try (var consumer = consumer("allow.auto.create.topics", false)) {
        results.add(told(() -> consumer.partitionsFor("auto-no", Duration.ofMillis(1000))));
      }
      try (var consumer = consumer()) {
        results.add(told(() -> {
          await(() -> consumer.partitionsFor("auto-yes").size() == 1);
          return consumer.partitionsFor("auto-yes").size();
        }));
      }
      results.add(admin.listTopics().names().get().stream().filter(name -> name.startsWith("auto-")).toList());
      results.add(told(() -> admin.createTopics(List.of(new NewTopic("__consumer_offsets", 1, (short) 1))).all().get()));
      results.add(told(() -> admin.deleteTopics(List.of("auto-yes")).all().get()));
      return results;
    });

    for (String protocol : List.of("classic", "consumer"))
      SCENARIOS.put("consumer-moves-" + protocol, () -> {
        String topic = "moves-" + protocol;
        create(topic, 2);
        try (var producer = producer()) {
          for (int n = 0; n < 10; n++) producer.send(new ProducerRecord<>(topic, n % 2, null, "m" + n)).get();
        }
        var results = new ArrayList<Object>();
        var partition = at(topic, 0);
        try (var consumer = consumer("group.protocol", protocol, "group.id", topic, "max.poll.records", 1, "client.rack", "here")) {
          consumer.assign(List.of(partition));
          results.add(first(consumer));
          results.add(consumer.position(partition) + " " + consumer.currentLag(partition) + " " + consumer.paused());
          consumer.commitSync();
          results.add(consumer.committed(Set.of(partition, at(topic, 1))).get(partition).offset());
          consumer.seek(partition, new OffsetAndMetadata(4, "x"));
          results.add(first(consumer));
          consumer.seekToBeginning(List.of());
          results.add(first(consumer));
          results.add(consumer.listTopics().get(topic).size());
          results.add(told(() -> consumer.position(at(topic, 1))));
          results.add(told(() -> {
            consumer.subscribe(List.of(topic));
            return "subscribed";
          }));
        }
        return results;
      });

    SCENARIOS.put("isolation", () -> {
      create("isolated", 1);
      var partition = at("isolated", 0);
      var results = new ArrayList<Object>();
      try (var open = producer("transactional.id", "isolated-open"); var plain = producer()) {
        plain.send(new ProducerRecord<>("isolated", "before")).get();
        open.initTransactions();
        open.beginTransaction();
        open.send(new ProducerRecord<>("isolated", "inside")).get();
        plain.send(new ProducerRecord<>("isolated", "behind")).get();
        for (String level : List.of("read_uncommitted", "read_committed"))
          try (var consumer = consumer("isolation.level", level)) {
            results.add(level + " " + consumer.endOffsets(List.of(partition)).get(partition) + " " + read("isolated", "isolation.level", level));
          }
        for (var level : IsolationLevel.values())
          results.add(admin.listOffsets(Map.of(partition, OffsetSpec.latest()), new ListOffsetsOptions(level)).partitionResult(partition).get().offset());
        open.abortTransaction();
        results.add(read("isolated", "isolation.level", "read_committed"));
        results.add(read("isolated"));
      }
      return results;
    });

    SCENARIOS.put("transaction-epochs", () -> {
      create("epochs", 2);
      try (var producer = producer("transactional.id", "epochs")) {
        producer.initTransactions();
        for (int n = 0; n < 20; n++) {
          producer.beginTransaction();
          for (int p = 0; p < 2; p++) producer.send(new ProducerRecord<>("epochs", p, null, n + "-" + p));
          producer.sendOffsetsToTransaction(Map.of(at("epochs", 0), new OffsetAndMetadata(n)),
              new ConsumerGroupMetadata("epochs-group"));
          if (n % 3 == 0) producer.abortTransaction();
          else producer.commitTransaction();
        }
      }
      var offset = admin.listConsumerGroupOffsets("epochs-group").partitionsToOffsetAndMetadata().get();
      var state = admin.describeTransactions(List.of("epochs")).description("epochs").get();
      return new TreeSet<>(read("epochs", "isolation.level", "read_committed")) + " " + offset + " "
          + state.producerEpoch() + " " + state.state();
    });

    SCENARIOS.put("transaction-misuse", () -> {
      create("misuse", 1);
      var results = new ArrayList<Object>();
      try (var producer = producer("transactional.id", "misuse")) {
        results.add(told(() -> producer.send(new ProducerRecord<>("misuse", "x")).get().offset()));
        producer.initTransactions();
        results.add(told(() -> producer.send(new ProducerRecord<>("misuse", "x")).get().offset()));
        producer.beginTransaction();
        results.add(told(() -> {
          producer.sendOffsetsToTransaction(Map.of(at("misuse", 0), new OffsetAndMetadata(1)),
              new ConsumerGroupMetadata("misuse-group", 5, "nobody", Optional.empty()));
          producer.commitTransaction();
          return "committed";
        }));
      }
      try (var producer = producer("transactional.id", "misuse")) {
        producer.initTransactions();
        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(at("misuse", 0), new OffsetAndMetadata(7, "in transaction")), new ConsumerGroupMetadata("misuse-group"));
        results.add(told(() -> admin.listConsumerGroupOffsets("misuse-group").partitionsToOffsetAndMetadata().get()));
        producer.commitTransaction();
        results.add(told(() -> admin.listConsumerGroupOffsets("misuse-group").partitionsToOffsetAndMetadata().get()));
        producer.beginTransaction();
        producer.sendOffsetsToTransaction(Map.of(at("misuse", 0), new OffsetAndMetadata(9)), new ConsumerGroupMetadata("misuse-group"));
        producer.abortTransaction();
        results.add(told(() -> admin.listConsumerGroupOffsets("misuse-group").partitionsToOffsetAndMetadata().get()));
      }
      return results;
    });
  }
}
