import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.function.*;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.*;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

/**
 * Scenarios of the Java clients, each printing one line `name: what happened`. The lines hold nothing that differs
 * from run to run, so that those of two brokers can be compared.
 *
 * <pre>java -cp $CLASSPATH Clients HOST:PORT [scenario ...]     (--list: their names)</pre>
 */
public class Clients {
  static String bootstrap;
  static Admin admin;

  interface Scenario {
    Object run() throws Exception;
  }

  static final Map<String, Scenario> SCENARIOS = new LinkedHashMap<>();

  public static void main(String[] args) throws Exception {
    bootstrap = args[0];
    register();
    if (List.of(args).contains("--list")) {
      SCENARIOS.keySet().forEach(System.out::println);
      return;
    }
    try (Admin shared = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin = shared;
      var names = args.length > 1 ? List.of(args).subList(1, args.length) : SCENARIOS.keySet();
      for (String name : names) {
        Object outcome;
        try {
          outcome = SCENARIOS.get(name).run();
        } catch (Throwable error) {
          outcome = describe(error);
        }
        System.out.println(name + ": " + outcome);
      }
    }
  }

  static String describe(Throwable error) {
    while (error instanceof ExecutionException && error.getCause() != null) error = error.getCause();
    return error.getClass().getSimpleName();
  }

  static Object attempt(Callable<?> call) {
    try {
      return call.call();
    } catch (Throwable error) {
      return describe(error);
    }
  }

  static String explain(Throwable error) {
    while (error instanceof ExecutionException && error.getCause() != null) error = error.getCause();
    return error.getClass().getSimpleName() + ": " + error.getMessage();
  }

  /** As `attempt`, with what the error says. */
  static Object told(Callable<?> call) {
    try {
      return String.valueOf(call.call());
    } catch (Throwable error) {
      return explain(error);
    }
  }

  static KafkaProducer<String, String> producer(Object... settings) {
    var properties = new HashMap<String, Object>(Map.of("bootstrap.servers", bootstrap));
    for (int n = 0; n < settings.length; n += 2) properties.put((String) settings[n], settings[n + 1]);
    return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
  }

  static KafkaConsumer<String, String> consumer(Object... settings) {
    var properties = new HashMap<String, Object>(
        Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest", "enable.auto.commit", "false"));
    for (int n = 0; n < settings.length; n += 2) properties.put((String) settings[n], settings[n + 1]);
    return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
  }

  static void create(String topic, int partitions, String... config) throws Exception {
    var configs = new HashMap<String, String>();
    for (int n = 0; n < config.length; n += 2) configs.put(config[n], config[n + 1]);
    admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs))).all().get();
  }

  static void send(String topic, String... values) throws Exception {
    try (var producer = producer()) {
      for (String value : values) producer.send(new ProducerRecord<>(topic, null, value)).get();
    }
  }

  static TopicPartition at(String topic, int partition) {
    return new TopicPartition(topic, partition);
  }

  /** Values from the beginning up to the end this consumer may see. */
  static List<String> read(String topic, Object... settings) {
    try (var consumer = consumer(settings)) {
      var partitions = consumer.partitionsFor(topic).stream().map(p -> at(topic, p.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      var values = new ArrayList<String>();
      long deadline = System.currentTimeMillis() + 10_000;
      while (System.currentTimeMillis() < deadline
          && partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p)))
        consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
      return values;
    }
  }

  static boolean await(BooleanSupplier condition) throws Exception {
    for (long until = System.currentTimeMillis() + 20_000; System.currentTimeMillis() < until; Thread.sleep(20))
      if (condition.getAsBoolean()) return true;
    return false;
  }

  /** A group member on a thread of its own. */
  static class Member implements ConsumerRebalanceListener, AutoCloseable {
    final Set<TopicPartition> owned = ConcurrentHashMap.newKeySet();
    final List<String> values = new CopyOnWriteArrayList<>();
    final List<String> losses = new CopyOnWriteArrayList<>();
    volatile Throwable failure;
    volatile int revocations;
    volatile boolean closing;
    final Thread thread;

    Member(String topic, Object... settings) {
      thread = new Thread(() -> {
        try (var consumer = consumer(settings)) {
          consumer.subscribe(List.of(topic), this);
          while (!closing) {
            consumer.poll(Duration.ofMillis(50)).forEach(record -> values.add(record.value()));
            consumer.commitAsync();
          }
        } catch (Throwable error) {
          failure = error;
        }
      });
      thread.start();
    }

    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      owned.addAll(partitions);
    }

    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      revocations += partitions.size();
      partitions.forEach(owned::remove);
    }

    public void onPartitionsLost(Collection<TopicPartition> partitions) {
      losses.add(partitions.toString());
      partitions.forEach(owned::remove);
    }

    public void close() throws Exception {
      closing = true;
      thread.join();
    }
  }

  static void register() {
    for (String acks : List.of("0", "1", "all"))
      for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd"))
        SCENARIOS.put("produce-" + acks + "-" + codec, () -> {
          String topic = "produce-" + acks + "-" + codec;
          create(topic, 1);
          try (var producer = producer("acks", acks, "compression.type", codec, "enable.idempotence",
              acks.equals("all"), "linger.ms", 5)) {
            for (int n = 0; n < 500; n++) producer.send(new ProducerRecord<>(topic, "k", "value " + n));
          }
          var values = acks.equals("0") ? List.of() : read(topic);
          if (acks.equals("0")) {
            await(() -> read(topic).size() == 500);
            values = read(topic);
          }
          return values.equals(IntStream.range(0, 500).mapToObj(n -> "value " + n).toList());
        });

    SCENARIOS.put("produce-metadata", () -> {
      create("metadata", 1, "message.timestamp.type", "LogAppendTime");
      try (var producer = producer()) {
        long before = System.currentTimeMillis();
        var sent = producer.send(new ProducerRecord<>("metadata", 0, 5L, "k", "v")).get();
        return sent.partition() + "-" + sent.offset() + " " + (sent.timestamp() >= before - 1000);
      }
    });

    SCENARIOS.put("produce-null-key-on-compacted", () -> {
      create("compacted", 1, "cleanup.policy", "compact");
      try (var producer = producer("linger.ms", 50)) {
        var futures = new ArrayList<Future<RecordMetadata>>();
        futures.add(producer.send(new ProducerRecord<>("compacted", "k", "v")));
        futures.add(producer.send(new ProducerRecord<>("compacted", null, "v")));
        producer.flush();
        return futures.stream().map(future -> attempt(() -> future.get().offset())).toList();
      }
    });

    SCENARIOS.put("large-messages", () -> {
      create("large", 1);
      var results = new ArrayList<Object>();
      var big = "x".repeat(2_000_000);
      try (var producer = producer("max.request.size", 10_000_000)) {
        results.add(attempt(() -> producer.send(new ProducerRecord<>("large", big)).get().offset()));
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, "large");
        admin.incrementalAlterConfigs(Map.of(resource, List.of(
            new AlterConfigOp(new ConfigEntry("max.message.bytes", "3000000"), AlterConfigOp.OpType.SET)))).all().get();
        results.add(attempt(() -> producer.send(new ProducerRecord<>("large", big)).get().offset()));
        admin.incrementalAlterConfigs(Map.of(resource, List.of(
            new AlterConfigOp(new ConfigEntry("max.message.bytes", "1000"), AlterConfigOp.OpType.SET)))).all().get();
        results.add(attempt(() -> producer.send(new ProducerRecord<>("large", "y".repeat(5000))).get().offset()));
      }
      results.add(read("large", "max.partition.fetch.bytes", 1000, "fetch.max.bytes", 1000).stream()
          .map(String::length).toList());
      return results;
    });

    SCENARIOS.put("transactions", () -> {
      create("tx", 1);
      var seen = new ArrayList<Object>();
      try (var producer = producer("transactional.id", "tx-1")) {
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("tx", "a1")).get();
        seen.add(read("tx", "isolation.level", "read_committed"));
        seen.add(read("tx"));
        producer.commitTransaction();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("tx", "b1")).get();
        producer.abortTransaction();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("tx", "c1"));
        producer.send(new ProducerRecord<>("tx", "c2"));
        producer.commitTransaction();
        producer.beginTransaction();
        producer.commitTransaction();
        producer.beginTransaction();
        producer.abortTransaction();
      }
      seen.add(read("tx", "isolation.level", "read_committed"));
      seen.add(read("tx"));
      return seen;
    });

    SCENARIOS.put("transaction-fencing", () -> {
      create("fence", 1);
      var results = new ArrayList<Object>();
      try (var old = producer("transactional.id", "fenced"); var young = producer("transactional.id", "fenced")) {
        old.initTransactions();
        old.beginTransaction();
        old.send(new ProducerRecord<>("fence", "old")).get();
        young.initTransactions();
        results.add(attempt(() -> old.send(new ProducerRecord<>("fence", "old")).get().offset()));
        results.add(attempt(() -> {
          old.commitTransaction();
          return "committed";
        }));
        young.beginTransaction();
        young.send(new ProducerRecord<>("fence", "young"));
        young.commitTransaction();
      }
      results.add(read("fence", "isolation.level", "read_committed"));
      return results;
    });

    SCENARIOS.put("transaction-timeouts", () -> {
      var results = new ArrayList<Object>();
      try (var producer = producer("transactional.id", "too-long", "transaction.timeout.ms", 1_000_000)) {
        results.add(attempt(() -> {
          producer.initTransactions();
          return "initialised";
        }));
      }
      create("slow", 1);
      try (var producer = producer("transactional.id", "slow", "transaction.timeout.ms", 500)) {
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("slow", "late")).get();
        results.add(await(() -> {
          try (var reader = consumer("isolation.level", "read_committed")) {
            return reader.endOffsets(List.of(at("slow", 0))).get(at("slow", 0)) == 2;
          }
        }));
        // Which exception depends on transaction.version; that there is one does not.
        results.add(!attempt(() -> {
          producer.commitTransaction();
          return "committed";
        }).equals("committed"));
      }
      results.add(read("slow", "isolation.level", "read_committed"));
      return results;
    });

    SCENARIOS.put("consume-transform-produce", () -> {
      create("ctp-in", 1);
      create("ctp-out", 1);
      send("ctp-in", "1", "2", "3", "4", "5", "6");
      for (boolean commit : List.of(false, true)) {
        try (var producer = producer("transactional.id", "ctp");
            var consumer = consumer("group.id", "ctp", "isolation.level", "read_committed", "max.poll.records", 4)) {
          producer.initTransactions();
          consumer.subscribe(List.of("ctp-in"));
          int count = 0;
          long end = System.currentTimeMillis() + 15_000;
          while (count < (commit ? 6 : 4) && System.currentTimeMillis() < end) {
            var records = consumer.poll(Duration.ofMillis(200));
            if (records.isEmpty()) continue;
            producer.beginTransaction();
            for (var record : records) producer.send(new ProducerRecord<>("ctp-out", record.value() + "!"));
            producer.sendOffsetsToTransaction(
                Map.of(at("ctp-in", 0), new OffsetAndMetadata(consumer.position(at("ctp-in", 0)), "note")),
                consumer.groupMetadata());
            if (commit) producer.commitTransaction();
            else producer.abortTransaction();
            count += records.count();
          }
        }
      }
      return read("ctp-out", "isolation.level", "read_committed") + " "
          + admin.listConsumerGroupOffsets("ctp").partitionsToOffsetAndMetadata().get();
    });

    for (String assignor : List.of("RangeAssignor", "RoundRobinAssignor", "StickyAssignor", "CooperativeStickyAssignor"))
      SCENARIOS.put("rebalance-" + assignor, () -> {
        String topic = "rebalance-" + assignor;
        create(topic, 6);
        Object[] settings = {"group.id", topic, "heartbeat.interval.ms", 100, "session.timeout.ms", 10_000,
            "partition.assignment.strategy", "org.apache.kafka.clients.consumer." + assignor};
        var results = new ArrayList<Object>();
        var members = new ArrayList<Member>();
        for (int n = 1; n <= 3; n++) {
          members.add(new Member(topic, settings));
          int each = 6 / n;
          results.add(await(() -> members.stream().allMatch(member -> member.owned.size() == each)));
        }
        for (int n = 0; n < 30; n++) send(topic, "v" + n);
        results.add(await(() -> members.stream().mapToInt(member -> member.values.size()).sum() == 30));
        members.remove(0).close();
        results.add(await(() -> members.stream().allMatch(member -> member.owned.size() == 3)));
        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(8))).all().get();
        for (Member member : members) {
          results.add(member.failure);
          results.add(member.losses);
          member.close();
        }
        results.add(admin.describeConsumerGroups(List.of(topic)).all().get().get(topic).groupState());
        return results;
      });

    SCENARIOS.put("static-membership", () -> {
      create("static", 2);
      var results = new ArrayList<Object>();
      Function<String, Object[]> settings = instance -> new Object[] {"group.id", "static", "group.instance.id", instance,
          "heartbeat.interval.ms", 100, "session.timeout.ms", 10_000};
      var a = new Member("static", settings.apply("a"));
      var b = new Member("static", settings.apply("b"));
      results.add(await(() -> a.owned.size() == 1 && b.owned.size() == 1));
      var before = Set.copyOf(a.owned);
      int revocations = b.revocations;
      a.close();
      var again = new Member("static", settings.apply("a"));
      results.add(await(() -> again.owned.equals(before)));
      results.add(b.revocations - revocations);
      var usurper = new Member("static", settings.apply("b"));
      results.add(await(() -> b.failure != null) ? b.failure.getClass().getSimpleName() : "not fenced");
      results.add(await(() -> usurper.owned.size() == 1));
      var described = admin.describeConsumerGroups(List.of("static")).all().get().get("static");
      results.add(described.members().stream().map(m -> m.groupInstanceId().get()).sorted().toList());
      results.add(attempt(() -> {
        admin.removeMembersFromConsumerGroup("static",
            new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("b")))).all().get();
        return "removed";
      }));
      results.add(attempt(() -> admin.removeMembersFromConsumerGroup("static",
          new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("nobody")))).all().get()));
      usurper.close();
      again.close();
      return results;
    });

    SCENARIOS.put("static-cooperative", () -> {
      create("static-cooperative", 4);
      var results = new ArrayList<Object>();
      Function<String, Object[]> settings = instance -> new Object[] {"group.id", "static-cooperative",
          "group.instance.id", instance, "heartbeat.interval.ms", 100, "session.timeout.ms", 10_000,
          "partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"};
      var members = new ArrayList<>(List.of(new Member("static-cooperative", settings.apply("a"))));
      results.add(await(() -> members.get(0).owned.size() == 4));
      members.add(new Member("static-cooperative", settings.apply("b")));
      results.add(await(() -> members.stream().allMatch(member -> member.owned.size() == 2)));
      for (int n : List.of(0, 1)) {
        var owned = Set.copyOf(members.get(n).owned);
        members.get(n).close();
        members.set(n, new Member("static-cooperative", settings.apply(n == 0 ? "a" : "b")));
        results.add(await(() -> members.get(n).owned.equals(owned)));
      }
      for (Member member : members) member.close();
      return results;
    });

    SCENARIOS.put("partition-added", () -> {
      create("growing", 1);
      var results = new ArrayList<Object>();
      try (var member = new Member("growing", "group.id", "growing", "metadata.max.age.ms", 300,
          "heartbeat.interval.ms", 100)) {
        results.add(await(() -> member.owned.size() == 1));
        admin.createPartitions(Map.of("growing", NewPartitions.increaseTo(3))).all().get();
        results.add(await(() -> member.owned.size() == 3));
        try (var producer = producer()) {
          for (int n = 0; n < 3; n++) producer.send(new ProducerRecord<>("growing", n, null, "p" + n));
        }
        results.add(await(() -> member.values.size() == 3));
      }
      return results;
    });

    SCENARIOS.put("topic-recreated", () -> {
      create("phoenix", 1);
      var results = new ArrayList<Object>();
      try (var producer = producer("metadata.max.age.ms", 500);
          var consumer = consumer("metadata.max.age.ms", 500)) {
        consumer.assign(List.of(at("phoenix", 0)));
        producer.send(new ProducerRecord<>("phoenix", "first life")).get();
        producer.send(new ProducerRecord<>("phoenix", "still first")).get();
        var seen = new ArrayList<String>();
        await(() -> {
          consumer.poll(Duration.ofMillis(50)).forEach(record -> seen.add(record.value()));
          return seen.size() == 2;
        });
        var id = admin.describeTopics(List.of("phoenix")).allTopicNames().get().get("phoenix").topicId();
        admin.deleteTopics(List.of("phoenix")).all().get();
        await(() -> attempt(() -> {
          create("phoenix", 1);
          return "created";
        }).equals("created"));
        await(() -> attempt(() -> admin.describeTopics(List.of("phoenix")).allTopicNames().get()) instanceof Map);
        results.add(!id.equals(
            admin.describeTopics(List.of("phoenix")).allTopicNames().get().get("phoenix").topicId()));
        results.add(attempt(() -> admin.describeTopics(TopicCollection.ofTopicIds(List.of(id))).allTopicIds().get())
            .toString().replace(id.toString(), "ID"));
        results.add(attempt(() -> producer.send(new ProducerRecord<>("phoenix", "second life")).get().offset()));
        results.add(await(() -> {
          consumer.poll(Duration.ofMillis(50)).forEach(record -> seen.add(record.value()));
          return seen.contains("second life");
        }));
      }
      return results;
    });

    SCENARIOS.put("seek-pause-times", () -> {
      create("timed", 1);
      var results = new ArrayList<Object>();
      long base = System.currentTimeMillis() - 100_000;
      try (var producer = producer()) {
        for (int n = 0; n < 10; n++) producer.send(new ProducerRecord<>("timed", 0, base + n * 1000L, null, "t" + n)).get();
      }
      var partition = at("timed", 0);
      try (var consumer = consumer("max.poll.records", 1)) {
        consumer.assign(List.of(partition));
        for (long when : new long[] {base - 1, base, base + 1, base + 8500, base + 9001}) {
          var found = consumer.offsetsForTimes(Map.of(partition, when)).get(partition);
          results.add(found == null ? null : found.offset() + "@" + (found.timestamp() - base));
        }
        consumer.seek(partition, 7);
        results.add(first(consumer));
        consumer.pause(List.of(partition));
        results.add(consumer.poll(Duration.ofMillis(300)).count());
        consumer.resume(List.of(partition));
        results.add(first(consumer));
        consumer.seekToEnd(List.of(partition));
        results.add(consumer.position(partition));
        consumer.seek(partition, 1000);
        results.add(first(consumer));
        results.add(consumer.beginningOffsets(List.of(partition)) + "" + consumer.endOffsets(List.of(partition)));
      }
      try (var consumer = consumer("auto.offset.reset", "none")) {
        consumer.assign(List.of(partition));
        consumer.seek(partition, 1000);
        results.add(attempt(() -> consumer.poll(Duration.ofMillis(2000)).count()));
      }
      for (var spec : List.of(OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.maxTimestamp(),
          OffsetSpec.forTimestamp(base + 2500), OffsetSpec.earliestLocal(), OffsetSpec.latestTiered()))
        results.add(spec.getClass().getSimpleName() + "=" + attempt(() -> {
          var found = admin.listOffsets(Map.of(partition, spec)).partitionResult(partition).get();
          return found.offset() + "@" + (found.timestamp() < 0 ? -1 : found.timestamp() - base) + " " + found.leaderEpoch().isPresent();
        }));
      return results;
    });

    AdminScenarios.register();
    RecordScenarios.register();
    NewGroupScenarios.register();
    ShareScenarios.register();
    BrokerScenarios.register();
  }

  static Object first(KafkaConsumer<String, String> consumer) {
    for (long until = System.currentTimeMillis() + 5000; System.currentTimeMillis() < until;)
      for (var record : consumer.poll(Duration.ofMillis(100))) return record.offset() + "=" + record.value();
    return "nothing";
  }

  /** What administrators do. */
  static class AdminScenarios {
    static void register() {
      SCENARIOS.put("create-topics", () -> {
        var results = new ArrayList<Object>();
        var created = admin.createTopics(List.of(
            new NewTopic("ct-ok", Optional.empty(), Optional.empty()),
            new NewTopic("ct bad", 1, (short) 1),
            new NewTopic("ct-zero", 0, (short) 1),
            new NewTopic("ct-replicas", 1, (short) 3),
            new NewTopic("ct-config", 1, (short) 1).configs(Map.of("no.such.config", "1")),
            new NewTopic("ct-value", 1, (short) 1).configs(Map.of("retention.ms", "soon")),
            new NewTopic("ct-range", 1, (short) 1).configs(Map.of("segment.bytes", "1")),
            new NewTopic("ct-list", 1, (short) 1).configs(Map.of("cleanup.policy", "compact,shred")),
            new NewTopic("ct-assigned", Map.of(0, List.of(1), 1, List.of(1))),
            new NewTopic("ct-elsewhere", Map.of(0, List.of(7))),
            new NewTopic("ct-gap", Map.of(0, List.of(1), 2, List.of(1))),
            new NewTopic(".", 1, (short) 1),
            new NewTopic("x".repeat(250), 1, (short) 1)));
        for (var name : new TreeSet<>(created.values().keySet()))
          results.add("\n  " + (name.length() > 20 ? "long" : name) + " " + attempt(() ->
              created.numPartitions(name).get() + "/" + created.replicationFactor(name).get()));
        results.add("\n  again " + attempt(() -> admin.createTopics(List.of(new NewTopic("ct-ok", 1, (short) 1))).all().get()));
        results.add("\n  collides " + attempt(() -> {
          admin.createTopics(List.of(new NewTopic("ct.dot", 1, (short) 1))).all().get();
          return admin.createTopics(List.of(new NewTopic("ct_dot", 1, (short) 1))).all().get();
        }));
        results.add("\n  validate " + attempt(() -> admin.createTopics(List.of(new NewTopic("ct-dry", 2, (short) 1)),
            new CreateTopicsOptions().validateOnly(true)).numPartitions("ct-dry").get()));
        results.add("\n  dry " + attempt(() -> admin.describeTopics(List.of("ct-dry")).allTopicNames().get()));
        results.add("\n  delete unknown " + attempt(() -> admin.deleteTopics(List.of("ct-none")).all().get()));
        results.add("\n  delete unknown id " + attempt(() ->
            admin.deleteTopics(TopicCollection.ofTopicIds(List.of(Uuid.fromString("AAAAAAAAAAAAAAAAAAAABA")))).all().get()));
        return results;
      });

      SCENARIOS.put("create-partitions", () -> {
        create("cp", 3);
        var results = new ArrayList<Object>();
        for (var wanted : List.of(NewPartitions.increaseTo(2), NewPartitions.increaseTo(3), NewPartitions.increaseTo(0),
            NewPartitions.increaseTo(4, List.of(List.of(9))), NewPartitions.increaseTo(5, List.of(List.of(1))),
            NewPartitions.increaseTo(4, List.of(List.of(1)))))
          results.add("\n  " + attempt(() -> admin.createPartitions(Map.of("cp", wanted)).all().get()));
        results.add("\n  " + attempt(() -> admin.createPartitions(Map.of("cp-none", NewPartitions.increaseTo(4))).all().get()));
        results.add("\n  " + attempt(() -> admin.createPartitions(Map.of("cp", NewPartitions.increaseTo(9)),
            new CreatePartitionsOptions().validateOnly(true)).all().get()));
        results.add("\n  " + admin.describeTopics(List.of("cp")).allTopicNames().get().get("cp").partitions().size());
        return results;
      });

      SCENARIOS.put("describe-topics", () -> {
        create("dt", 2);
        var options = new DescribeTopicsOptions().includeAuthorizedOperations(true);
        var described = admin.describeTopics(List.of("dt"), options).allTopicNames().get().get("dt");
        return described.partitions().stream().map(p -> p.partition() + " " + p.leader().id() + " "
            + p.replicas().size() + " " + p.isr().size() + " " + p.elr() + " " + p.lastKnownElr()).toList() + " "
            + described.isInternal() + " " + new TreeSet<>(described.authorizedOperations()) + " "
            + attempt(() -> admin.describeTopics(List.of("dt-none")).allTopicNames().get()) + " "
            + attempt(() -> admin.describeTopics(List.of("d t")).allTopicNames().get());
      });

      SCENARIOS.put("alter-configs", () -> {
        create("ac", 1);
        var resource = new ConfigResource(ConfigResource.Type.TOPIC, "ac");
        var results = new ArrayList<Object>();
        Object[][] steps = {
            {"retention.ms", "5000", AlterConfigOp.OpType.SET},
            {"cleanup.policy", "compact", AlterConfigOp.OpType.APPEND},
            {"cleanup.policy", "delete", AlterConfigOp.OpType.SUBTRACT},
            {"retention.ms", "", AlterConfigOp.OpType.DELETE},
            {"retention.ms", "x", AlterConfigOp.OpType.SET},
            {"retention.ms", "1", AlterConfigOp.OpType.APPEND},
            {"nothing.known", "1", AlterConfigOp.OpType.SET},
            {"min.cleanable.dirty.ratio", "2", AlterConfigOp.OpType.SET},
            {"compression.type", "brotli", AlterConfigOp.OpType.SET},
            {"message.timestamp.type", "logAppendTime", AlterConfigOp.OpType.SET},
        };
        for (Object[] step : steps)
          results.add("\n  " + step[0] + " " + step[2] + " " + attempt(() -> {
            admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(
                new ConfigEntry((String) step[0], (String) step[1]), (AlterConfigOp.OpType) step[2])))).all().get();
            // Kafka's broker hears of a change a moment after its controller.
            Thread.sleep(100);
            var entry = admin.describeConfigs(List.of(resource)).all().get().get(resource).get((String) step[0]);
            return entry.value() + " " + entry.source();
          }));
        var unknown = new ConfigResource(ConfigResource.Type.TOPIC, "ac-none");
        results.add("\n  unknown topic " + attempt(() -> admin.describeConfigs(List.of(unknown)).all().get()));
        results.add("\n  alter unknown topic " + attempt(() -> admin.incrementalAlterConfigs(Map.of(unknown, List.of(
            new AlterConfigOp(new ConfigEntry("retention.ms", "1"), AlterConfigOp.OpType.SET)))).all().get()));
        for (String name : List.of("1", "")) {
          var broker = new ConfigResource(ConfigResource.Type.BROKER, name);
          results.add("\n  broker '" + name + "' " + attempt(() ->
              admin.describeConfigs(List.of(broker)).all().get().get(broker).entries().size() > 0));
        }
        return results;
      });

      SCENARIOS.put("delete-records", () -> {
        create("dr", 1);
        send("dr", "a", "b", "c", "d", "e");
        var partition = at("dr", 0);
        var results = new ArrayList<Object>();
        for (long before : new long[] {2, 1, 9, -1, -2})
          results.add(attempt(() -> admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before)))
              .lowWatermarks().get(partition).get().lowWatermark()));
        results.add(admin.listOffsets(Map.of(partition, OffsetSpec.earliest())).partitionResult(partition).get().offset());
        return results;
      });

      SCENARIOS.put("group-admin", () -> {
        create("ga", 2);
        send("ga", "a", "b", "c");
        var results = new ArrayList<Object>();
        try (var member = new Member("ga", "group.id", "ga", "client.id", "ga-client", "heartbeat.interval.ms", 100)) {
          await(() -> member.values.size() == 3);
          Thread.sleep(500);
          var group = admin.describeConsumerGroups(List.of("ga"), new DescribeConsumerGroupsOptions()
              .includeAuthorizedOperations(true)).all().get().get("ga");
          results.add(group.groupState() + " " + group.type() + " " + group.partitionAssignor() + " " + group.isSimpleConsumerGroup()
              + " " + group.coordinator().id() + " " + new TreeSet<>(group.authorizedOperations()) + " "
              + group.members().stream().map(m -> m.clientId() + " " + m.host() + " " + m.consumerId().startsWith("ga-client-")
                  + " " + new TreeSet<>(m.assignment().topicPartitions().stream().map(Object::toString).toList())).toList());
          results.add(attempt(() -> admin.deleteConsumerGroups(List.of("ga")).all().get()));
          results.add(attempt(() -> admin.alterConsumerGroupOffsets("ga", Map.of(at("ga", 0), new OffsetAndMetadata(0))).all().get()));
          results.add(attempt(() -> admin.deleteConsumerGroupOffsets("ga", Set.of(at("ga", 0))).all().get()));
        }
        results.add(admin.listConsumerGroupOffsets("ga").partitionsToOffsetAndMetadata().get().values().stream().mapToLong(OffsetAndMetadata::offset).sum());
        results.add(attempt(() -> admin.alterConsumerGroupOffsets("ga", Map.of(
            at("ga", 0), new OffsetAndMetadata(1, Optional.of(3), "hello"), at("ga", 9), new OffsetAndMetadata(1))).all().get()));
        results.add(attempt(() -> admin.alterConsumerGroupOffsets("ga", Map.of(at("ga", 0), new OffsetAndMetadata(1, "m".repeat(5000)))).all().get()));
        results.add(attempt(() -> admin.alterConsumerGroupOffsets("ga", Map.of(at("ga-none", 0), new OffsetAndMetadata(1))).all().get()));
        results.add(admin.listConsumerGroupOffsets("ga").partitionsToOffsetAndMetadata().get().get(at("ga", 0)));
        results.add(attempt(() -> admin.deleteConsumerGroupOffsets("ga", Set.of(at("ga", 0))).all().get()));
        results.add(admin.listConsumerGroupOffsets("ga").partitionsToOffsetAndMetadata().get().containsKey(at("ga", 0)));
        for (var filter : List.of(new ListGroupsOptions(), ListGroupsOptions.forConsumerGroups(),
            new ListGroupsOptions().inGroupStates(Set.of(GroupState.EMPTY)), new ListGroupsOptions().withTypes(Set.of(GroupType.SHARE))))
          results.add("\n  " + attempt(() -> admin.listGroups(filter).all().get().stream().filter(g -> g.groupId().equals("ga"))
              .map(g -> g.groupId() + " " + g.type() + " " + g.protocol() + " " + g.groupState()).toList()));
        results.add(attempt(() -> admin.deleteConsumerGroups(List.of("ga")).all().get()));
        results.add(attempt(() -> admin.deleteConsumerGroups(List.of("ga")).all().get()));
        results.add(attempt(() -> admin.describeConsumerGroups(List.of("ga")).all().get().get("ga").groupState()));
        results.add(attempt(() -> admin.listConsumerGroupOffsets("ga").partitionsToOffsetAndMetadata().get()));
        return results;
      });

      SCENARIOS.put("group-settings", () -> {
        create("gs", 1);
        var results = new ArrayList<Object>();
        try (var consumer = consumer("group.id", "gs", "session.timeout.ms", 1000, "heartbeat.interval.ms", 100)) {
          consumer.subscribe(List.of("gs"));
          results.add(attempt(() -> consumer.poll(Duration.ofMillis(3000)).count()));
        }
        try (var range = new Member("gs", "group.id", "gs2", "heartbeat.interval.ms", 100)) {
          await(() -> range.owned.size() == 1);
          try (var other = consumer("group.id", "gs2", "partition.assignment.strategy",
              "org.apache.kafka.clients.consumer.RoundRobinAssignor")) {
            other.subscribe(List.of("gs"));
            results.add(attempt(() -> other.poll(Duration.ofMillis(3000)).count()));
          }
        }
        try (var simple = consumer("group.id", "gs3")) {
          simple.assign(List.of(at("gs", 0)));
          simple.commitSync(Map.of(at("gs", 0), new OffsetAndMetadata(0, "meta")));
          results.add(simple.committed(Set.of(at("gs", 0))));
          results.add(attempt(() -> {
            simple.commitSync(Map.of(at("gs-none", 0), new OffsetAndMetadata(0)), Duration.ofMillis(1500));
            return "committed";
          }));
        }
        results.add(admin.describeConsumerGroups(List.of("gs3")).all().get().get("gs3").isSimpleConsumerGroup());
        return results;
      });
    }
  }
}
