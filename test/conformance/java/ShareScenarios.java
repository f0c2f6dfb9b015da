import java.time.Duration;
import java.util.*;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.*;
import org.apache.kafka.common.serialization.*;

/** Share groups (KIP-932): records shared among members, acknowledged one by one. */
class ShareScenarios extends Clients {
  static KafkaShareConsumer<String, String> sharer(String group, Object... more) {
    var settings = new HashMap<String, Object>(Map.of("bootstrap.servers", bootstrap, "group.id", group));
    for (int n = 0; n < more.length; n += 2) settings.put((String) more[n], more[n + 1]);
    return new KafkaShareConsumer<>(settings, new StringDeserializer(), new StringDeserializer());
  }

  static void fromTheBeginning(String group) throws Exception {
    var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
    var earliest = new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
    admin.incrementalAlterConfigs(Map.of(resource, List.of(earliest))).all().get();
  }

  /** At least `count` records, as `offset=value*deliveries`. */
  static List<ConsumerRecord<String, String>> take(KafkaShareConsumer<String, String> sharer, int count) {
    for (long until = System.currentTimeMillis() + 15_000; System.currentTimeMillis() < until;) {
      var records = sharer.poll(Duration.ofMillis(200));
      if (records.count() >= count) return StreamSupport.stream(records.spliterator(), false).toList();
      for (var record : records) sharer.acknowledge(record, AcknowledgeType.RELEASE);
    }
    return List.of();
  }

  static String shown(List<ConsumerRecord<String, String>> records) {
    return records.stream().map(record -> record.offset() + "=" + record.value() + "*"
        + record.deliveryCount().map(String::valueOf).orElse("?")).toList().toString();
  }

  static void register() {
    SCENARIOS.put("share-acknowledge", () -> {
      create("share-ack", 1);
      fromTheBeginning("share-ack");
      send("share-ack", "a", "b", "c", "d");
      var results = new ArrayList<Object>();
      try (var sharer = sharer("share-ack", "share.acknowledgement.mode", "explicit")) {
        sharer.subscribe(List.of("share-ack"));
        var records = take(sharer, 1);
        results.add(records.size() == 4 ? shown(records) : records.size());
        results.add(told(() -> sharer.poll(Duration.ofMillis(100)).count()));
        for (var record : records)
          sharer.acknowledge(record, switch (record.value()) {
            case "a" -> AcknowledgeType.ACCEPT;
            case "b" -> AcknowledgeType.REJECT;
            default -> AcknowledgeType.RELEASE;
          });
        results.add(sharer.commitSync().values().toString());
        var again = take(sharer, 1);
        results.add(shown(again));
        results.add(told(() -> {
          sharer.acknowledge(records.get(0));
          return "acknowledged twice";
        }));
        for (var record : again) sharer.acknowledge(record, AcknowledgeType.ACCEPT);
        results.add(sharer.commitSync().values().toString());
        results.add(sharer.poll(Duration.ofMillis(500)).count());
      }
      return results;
    });

    SCENARIOS.put("share-deliveries-end", () -> {
      create("share-ends", 1);
      fromTheBeginning("share-ends");
      send("share-ends", "poison");
      var deliveries = new ArrayList<Object>();
      try (var sharer = sharer("share-ends", "share.acknowledgement.mode", "explicit")) {
        sharer.subscribe(List.of("share-ends"));
        for (int n = 0; n < 6; n++) {
          var records = n < 5 ? take(sharer, 1) : StreamSupport.stream(sharer.poll(Duration.ofMillis(1000)).spliterator(), false).toList();
          deliveries.add(shown(records));
          for (var record : records) sharer.acknowledge(record, AcknowledgeType.RELEASE);
          sharer.commitSync();
        }
      }
      return deliveries;
    });

    SCENARIOS.put("share-members", () -> {
      create("share-members", 2);
      fromTheBeginning("share-members");
      var results = new ArrayList<Object>();
      try (var one = sharer("share-members", "client.id", "one"); var two = sharer("share-members", "client.id", "two")) {
        for (var sharer : List.of(one, two)) sharer.subscribe(List.of("share-members"));
        results.add(await(() -> {
          for (var sharer : List.of(one, two)) sharer.poll(Duration.ofMillis(50));
          return attempt(() -> admin.describeShareGroups(List.of("share-members")).all().get().get("share-members")
              .members().stream().filter(member -> !member.assignment().topicPartitions().isEmpty()).count()).equals(2L);
        }));
        for (int n = 0; n < 20; n++) send("share-members", "v" + n);
        var seen = new TreeSet<String>();
        results.add(await(() -> {
          for (var sharer : List.of(one, two)) sharer.poll(Duration.ofMillis(50)).forEach(record -> seen.add(record.value()));
          return seen.size() == 20;
        }));
        var group = admin.describeShareGroups(List.of("share-members")).all().get().get("share-members");
        results.add(group.groupState() + " " + group.coordinator().id() + " " + group.members().stream()
            .map(member -> member.clientId() + " " + member.host()).sorted().toList());
        results.add(told(() -> admin.deleteShareGroups(List.of("share-members")).all().get()));
        results.add(told(() -> admin.describeConsumerGroups(List.of("share-members")).all().get().get("share-members").groupState()));
      }
      results.add(await(() -> attempt(() -> admin.listShareGroupOffsets(Map.of("share-members", new ListShareGroupOffsetsSpec()))
          .partitionsToOffsetAndMetadata("share-members").get().values().stream().mapToLong(OffsetAndMetadata::offset).sum()).equals(20L)));
      return results;
    });

    SCENARIOS.put("share-offsets", () -> {
      create("share-offsets", 1);
      send("share-offsets", "a", "b", "c");
      fromTheBeginning("share-offsets");
      var results = new ArrayList<Object>();
      var partition = at("share-offsets", 0);
      try (var sharer = sharer("share-offsets")) {
        sharer.subscribe(List.of("share-offsets"));
        results.add(shown(take(sharer, 1)));
        sharer.commitSync();
        results.add(told(() -> admin.alterShareGroupOffsets("share-offsets", Map.of(partition, 1L)).all().get()));
      }
      results.add(told(() -> admin.listShareGroupOffsets(Map.of("share-offsets", new ListShareGroupOffsetsSpec())).all().get()));
      results.add(told(() -> admin.alterShareGroupOffsets("share-offsets", Map.of(partition, 1L)).all().get()));
      results.add(told(() -> admin.alterShareGroupOffsets("share-offsets", Map.of(at("share-none", 0), 1L)).all().get()));
      results.add(told(() -> admin.listShareGroupOffsets(Map.of("share-offsets", new ListShareGroupOffsetsSpec())).all().get()));
      try (var sharer = sharer("share-offsets")) {
        sharer.subscribe(List.of("share-offsets"));
        results.add(shown(take(sharer, 1)));
      }
      results.add(told(() -> admin.deleteShareGroupOffsets("share-offsets", Set.of("share-offsets")).all().get()));
      results.add(told(() -> admin.deleteShareGroupOffsets("share-offsets", Set.of("share-none")).all().get()));
      results.add(told(() -> admin.deleteShareGroups(List.of("share-offsets")).all().get()));
      results.add(told(() -> admin.deleteShareGroups(List.of("share-offsets")).all().get()));
      results.add(told(() -> admin.describeShareGroups(List.of("share-offsets")).all().get()));
      return results;
    });

    SCENARIOS.put("share-transactions", () -> {
      create("share-tx", 1);
      fromTheBeginning("share-tx");
      var resource = new ConfigResource(ConfigResource.Type.GROUP, "share-tx");
      admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(
          new ConfigEntry("share.isolation.level", "read_committed"), AlterConfigOp.OpType.SET)))).all().get();
      try (var producer = producer("transactional.id", "share-tx")) {
        producer.initTransactions();
        for (String end : List.of("abort", "commit")) {
          producer.beginTransaction();
          producer.send(new org.apache.kafka.clients.producer.ProducerRecord<>("share-tx", end)).get();
          if (end.equals("abort")) producer.abortTransaction();
          else producer.commitTransaction();
        }
      }
      try (var sharer = sharer("share-tx")) {
        sharer.subscribe(List.of("share-tx"));
        return shown(take(sharer, 1));
      }
    });
  }
}
