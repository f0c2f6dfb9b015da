import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.*;
import org.apache.kafka.common.serialization.*;

/**
 * Scenarios of share groups (KIP-932), each printing one line `name: what happened`. The lines hold nothing that
 * differs from run to run, so that those of two brokers can be compared.
 *
 * <pre>java -cp $CLASSPATH Shares.java HOST:PORT [scenario ...]</pre>
 */
public class Shares {
  static String bootstrap;
  static Admin admin;

  interface Scenario {
    Object run() throws Exception;
  }

  static final Map<String, Scenario> SCENARIOS = new LinkedHashMap<>();

  public static void main(String[] args) throws Exception {
    bootstrap = args[0];
    register();
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
    System.exit(0);
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

  static KafkaShareConsumer<String, String> member(String group, String topic, String mode) {
    var consumer = new KafkaShareConsumer<>(
        Map.<String, Object>of("bootstrap.servers", bootstrap, "group.id", group, "share.acknowledgement.mode", mode),
        new StringDeserializer(),
        new StringDeserializer());
    consumer.subscribe(List.of(topic));
    return consumer;
  }

  /** Polls until `count` records came, or for long enough to know that no more do. */
  static List<ConsumerRecord<String, String>> take(KafkaShareConsumer<String, String> consumer, int count) {
    var records = new ArrayList<ConsumerRecord<String, String>>();
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (records.size() < count && System.nanoTime() < until)
      consumer.poll(Duration.ofMillis(500)).forEach(records::add);
    return records;
  }

  static void produce(String topic, String... values) throws Exception {
    try (var producer = new KafkaProducer<>(
        Map.<String, Object>of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer())) {
      int partitions = producer.partitionsFor(topic).size();
      for (int n = 0; n < values.length; n++)
        producer.send(new ProducerRecord<>(topic, n % partitions, null, values[n])).get();
    }
  }

  static void prepare(String group, String topic, int partitions) throws Exception {
    admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    configure(group, "share.auto.offset.reset", "earliest");
  }

  static void configure(String group, String name, String value) throws Exception {
    var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
    var op = new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    admin.incrementalAlterConfigs(Map.of(resource, List.of(op))).all().get();
  }

  static List<String> seen(List<ConsumerRecord<String, String>> records) {
    return records.stream().map(record -> record.value() + "x" + record.deliveryCount().orElse((short) 0)).toList();
  }

  static Object offsets(String group) throws Exception {
    var spec = Map.of(group, new ListShareGroupOffsetsSpec());
    var offsets = new TreeMap<String, Object>();
    admin.listShareGroupOffsets(spec).partitionsToOffsetAndMetadata(group).get()
        .forEach((partition, value) -> offsets.put(partition.toString(), value == null ? "none" : value.offset()));
    return offsets;
  }

  static void register() {
    SCENARIOS.put("two members share one partition", () -> {
      prepare("pair", "pair", 1);
      for (int n = 0; n < 50; n++) produce("pair", "r" + n);
      var all = new ConcurrentSkipListMap<String, Integer>();
      var threads = new ArrayList<Thread>();
      for (int n = 0; n < 2; n++) {
        var thread = new Thread(() -> {
          try (var consumer = member("pair", "pair", "implicit")) {
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (all.size() < 50 && System.nanoTime() < until)
              consumer.poll(Duration.ofMillis(200)).forEach(record -> all.merge(record.value(), 1, Integer::sum));
            consumer.commitSync();
          }
        });
        threads.add(thread);
        thread.start();
      }
      for (var thread : threads) thread.join();
      return all.size() + " records, each " + new TreeSet<>(all.values());
    });
    SCENARIOS.put("accept, release, reject", () -> {
      prepare("explicit", "explicit", 1);
      produce("explicit", "a", "b", "c", "d");
      try (var consumer = member("explicit", "explicit", "explicit")) {
        var log = new ArrayList<Object>();
        var first = take(consumer, 4);
        log.add(seen(first));
        for (var record : first) {
          var type = switch (record.value()) {
            case "b" -> AcknowledgeType.RELEASE;
            case "c" -> AcknowledgeType.REJECT;
            default -> AcknowledgeType.ACCEPT;
          };
          consumer.acknowledge(record, type);
        }
        log.add(consumer.commitSync().values());
        for (int deliveries = 2; deliveries <= 5; deliveries++) {
          var again = take(consumer, 1);
          log.add(seen(again));
          again.forEach(record -> consumer.acknowledge(record, AcknowledgeType.RELEASE));
          consumer.commitSync();
        }
        produce("explicit", "e");
        var last = take(consumer, 1);
        log.add(seen(last));
        last.forEach(record -> consumer.acknowledge(record));
        consumer.commitSync();
        return log;
      }
    });
    SCENARIOS.put("a closed member gives back", () -> {
      prepare("closing", "closing", 1);
      produce("closing", "a", "b", "c");
      var log = new ArrayList<Object>();
      try (var consumer = member("closing", "closing", "explicit")) {
        var records = take(consumer, 3);
        log.add(seen(records));
        consumer.acknowledge(records.get(0));
        consumer.commitSync();
      }
      try (var consumer = member("closing", "closing", "implicit")) {
        log.add(seen(take(consumer, 2)));
      }
      return log;
    });
    SCENARIOS.put("aborted records are not delivered", () -> {
      prepare("committed", "committed", 1);
      configure("committed", "share.isolation.level", "read_committed");
      try (var producer = new KafkaProducer<>(
          Map.<String, Object>of("bootstrap.servers", bootstrap, "transactional.id", "share-tx"),
          new StringSerializer(), new StringSerializer())) {
        producer.initTransactions();
        for (String value : List.of("kept1", "dropped", "kept2")) {
          producer.beginTransaction();
          producer.send(new ProducerRecord<>("committed", value));
          if (value.startsWith("kept")) producer.commitTransaction();
          else {
            producer.flush();
            producer.abortTransaction();
          }
        }
      }
      try (var consumer = member("committed", "committed", "implicit")) {
        return seen(take(consumer, 2));
      }
    });
    SCENARIOS.put("administrators see members and offsets", () -> {
      prepare("seen", "seen", 2);
      produce("seen", "a", "b", "c", "d", "e", "f");
      var log = new ArrayList<Object>();
      try (var consumer = member("seen", "seen", "implicit")) {
        take(consumer, 6);
        consumer.commitSync();
        var group = admin.describeShareGroups(List.of("seen")).all().get().get("seen");
        log.add(group.groupState());
        for (var each : group.members())
          log.add(each.assignment().topicPartitions().stream().map(TopicPartition::toString).sorted().toList());
        var first = new TopicPartition("seen", 0);
        log.add(attempt(() -> admin.alterShareGroupOffsets("seen", Map.of(first, 0L)).partitionResult(first).get()));
        log.add(attempt(() -> admin.deleteShareGroups(List.of("seen")).all().get()));
        log.add(attempt(() -> admin.deleteShareGroupOffsets("seen", Set.of("seen")).all().get()));
      }
      var listed = admin.listGroups(ListGroupsOptions.forShareGroups()).all().get();
      log.add(listed.stream().filter(each -> each.groupId().equals("seen"))
          .map(each -> each.groupState().get() + " " + each.type().get() + " " + each.protocol()).toList());
      log.add(attempt(() -> admin.deleteShareGroupOffsets("seen", Set.of("seen")).all().get()));
      log.add(attempt(() -> admin.deleteShareGroupOffsets("seen", Set.of("nowhere")).all().get()));
      log.add(offsets("seen"));
      log.add(attempt(() -> admin.deleteShareGroups(List.of("seen")).all().get()));
      log.add(attempt(() -> admin.describeShareGroups(List.of("seen")).all().get()));
      return log;
    });
    SCENARIOS.put("a group has one type", () -> {
      prepare("typed", "typed", 1);
      produce("typed", "a");
      var log = new ArrayList<Object>();
      try (var consumer = member("typed", "typed", "implicit")) {
        take(consumer, 1);
        for (String protocol : List.of("classic")) {
          try (var other = new KafkaConsumer<>(
              Map.<String, Object>of("bootstrap.servers", bootstrap, "group.id", "typed", "group.protocol", protocol),
              new StringDeserializer(), new StringDeserializer())) {
            other.subscribe(List.of("typed"));
            log.add(attempt(() -> other.poll(Duration.ofSeconds(10)).count()));
          }
        }
      }
      return log;
    });
  }
}
