import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.*;

/** Groups by the consumer protocol (KIP-848): assignment by the broker, patterns, static members, migration. */
class NewGroupScenarios extends Clients {
  static Object[] settings(String group, Object... more) {
    var all = new ArrayList<Object>(List.of("group.id", group, "group.protocol", "consumer"));
    all.addAll(List.of(more));
    return all.toArray();
  }

  static ConsumerGroupDescription described(String group) throws Exception {
    return admin.describeConsumerGroups(List.of(group)).all().get().get(group);
  }

  static void register() {
    for (String assignor : List.of("uniform", "range"))
      SCENARIOS.put("consumer-protocol-rebalance-" + assignor, () -> {
        String topic = "new-" + assignor;
        create(topic, 6);
        var results = new ArrayList<Object>();
        var members = new ArrayList<Member>();
        for (int n = 1; n <= 3; n++) {
          members.add(new Member(topic, settings(topic, "group.remote.assignor", assignor)));
          int each = 6 / n;
          results.add(await(() -> members.stream().allMatch(member -> member.owned.size() == each)));
        }
        for (int n = 0; n < 30; n++) send(topic, "v" + n);
        results.add(await(() -> members.stream().mapToInt(member -> member.values.size()).sum() == 30));
        var group = described(topic);
        results.add(group.groupState() + " " + group.type() + " " + group.partitionAssignor() + " "
            + group.members().size() + " " + group.groupEpoch().equals(group.targetAssignmentEpoch()) + " "
            + group.members().stream().allMatch(member -> member.memberEpoch().equals(group.groupEpoch())
                && member.targetAssignment().equals(Optional.of(member.assignment())) && member.upgraded().get()));
        members.remove(0).close();
        results.add(await(() -> members.stream().allMatch(member -> member.owned.size() == 3)));
        for (Member member : members) {
          results.add(member.failure);
          results.add(member.losses);
          member.close();
        }
        results.add(described(topic).groupState());
        return results;
      });

    SCENARIOS.put("consumer-protocol-unknown-assignor", () -> {
      create("new-assignor", 1);
      try (var member = new Member("new-assignor", settings("new-assignor", "group.remote.assignor", "alphabetical"))) {
        await(() -> member.failure != null);
        return explain(member.failure);
      }
    });

    SCENARIOS.put("consumer-protocol-pattern", () -> {
      var results = new ArrayList<Object>();
      create("pattern-a", 1);
      create("pattern-b", 2);
      try (var consumer = consumer(settings("patterns", "metadata.max.age.ms", 500))) {
        consumer.subscribe(new SubscriptionPattern("pattern-[a-c]"));
        results.add(await(() -> {
          consumer.poll(Duration.ofMillis(50));
          return consumer.assignment().size() == 3;
        }));
        create("pattern-c", 1);
        create("pattern-d", 1);
        results.add(await(() -> {
          consumer.poll(Duration.ofMillis(50));
          return consumer.assignment().size() == 4;
        }));
        results.add(new TreeSet<>(consumer.assignment().stream().map(Object::toString).toList()));
      }
      try (var consumer = consumer(settings("bad-patterns"))) {
        consumer.subscribe(new SubscriptionPattern("pattern-["));
        results.add(told(() -> {
          for (int n = 0; n < 50; n++) consumer.poll(Duration.ofMillis(100));
          return "no error";
        }));
      }
      return results;
    });

    SCENARIOS.put("consumer-protocol-static", () -> {
      create("new-static", 2);
      var results = new ArrayList<Object>();
      var a = new Member("new-static", settings("new-static", "group.instance.id", "a"));
      var b = new Member("new-static", settings("new-static", "group.instance.id", "b"));
      results.add(await(() -> a.owned.size() == 1 && b.owned.size() == 1));
      var before = Set.copyOf(a.owned);
      a.close();
      var again = new Member("new-static", settings("new-static", "group.instance.id", "a"));
      results.add(await(() -> again.owned.equals(before)));
      try (var usurper = new Member("new-static", settings("new-static", "group.instance.id", "b"))) {
        results.add(await(() -> usurper.failure != null) ? explain(usurper.failure) : "let in");
      }
      results.add(described("new-static").members().stream().map(m -> m.groupInstanceId().get()).sorted().toList());
      b.close();
      again.close();
      return results;
    });

    SCENARIOS.put("consumer-protocol-migration", () -> {
      create("migrating", 4);
      var results = new ArrayList<Object>();
      var old = new Member("migrating", "group.id", "migrating", "heartbeat.interval.ms", 100);
      results.add(await(() -> old.owned.size() == 4));
      results.add(described("migrating").type());
      var young = new Member("migrating", settings("migrating"));
      results.add(await(() -> old.owned.size() == 2 && young.owned.size() == 2));
      results.add(described("migrating").type());
      old.close();
      results.add(await(() -> young.owned.size() == 4));
      var back = new Member("migrating", "group.id", "migrating", "heartbeat.interval.ms", 100);
      results.add(await(() -> back.owned.size() == 2));
      young.close();
      results.add(await(() -> back.owned.size() == 4));
      results.add(described("migrating").type());
      results.add(List.of(String.valueOf(old.failure), String.valueOf(young.failure), String.valueOf(back.failure)));
      back.close();
      return results;
    });

    SCENARIOS.put("consumer-protocol-offsets", () -> {
      create("new-offsets", 1);
      send("new-offsets", "a", "b", "c");
      var results = new ArrayList<Object>();
      var partition = at("new-offsets", 0);
      try (var consumer = consumer(settings("new-offsets"))) {
        consumer.subscribe(List.of("new-offsets"));
        results.add(first(consumer));
        consumer.commitSync(Map.of(partition, new OffsetAndMetadata(2, Optional.of(0), "noted")));
        results.add(consumer.committed(Set.of(partition)).get(partition).toString());
        results.add(told(() -> admin.deleteConsumerGroups(List.of("new-offsets")).all().get()));
        results.add(told(() -> admin.alterConsumerGroupOffsets("new-offsets",
            Map.of(partition, new OffsetAndMetadata(0))).all().get()));
        results.add(told(() -> admin.deleteConsumerGroupOffsets("new-offsets", Set.of(partition)).all().get()));
        results.add(told(() -> admin.describeClassicGroups(List.of("new-offsets")).all().get()));
        results.add(admin.listGroups().all().get().stream().filter(group -> group.groupId().equals("new-offsets"))
            .map(group -> group.type() + " " + group.protocol() + " " + group.groupState()).toList());
        consumer.unsubscribe();
        results.add(await(() -> told(() -> described("new-offsets").groupState()).equals(GroupState.EMPTY)));
      }
      try (var consumer = consumer(settings("new-offsets"))) {
        consumer.subscribe(List.of("new-offsets"));
        results.add(first(consumer));
      }
      results.add(told(() -> admin.removeMembersFromConsumerGroup("new-offsets",
          new RemoveMembersFromConsumerGroupOptions()).all().get()));
      results.add(told(() -> admin.deleteConsumerGroups(List.of("new-offsets")).all().get()));
      return results;
    });

    SCENARIOS.put("consumer-protocol-settings", () -> {
      create("new-settings", 1);
      var results = new ArrayList<Object>();
      try (var member = new Member("new-settings", settings("new-settings"))) {
        await(() -> member.owned.size() == 1);
        try (var share = new Member("new-settings", "group.id", "new-settings", "group.protocol", "classic")) {
          results.add(await(() -> share.owned.size() + member.owned.size() == 1 && member.failure == null));
        }
      }
      create("new-growing", 1);
      try (var member = new Member("new-growing", settings("new-growing", "metadata.max.age.ms", 300))) {
        results.add(await(() -> member.owned.size() == 1));
        admin.createPartitions(Map.of("new-growing", NewPartitions.increaseTo(3))).all().get();
        results.add(await(() -> member.owned.size() == 3));
        admin.deleteTopics(List.of("new-growing")).all().get();
        results.add(await(() -> member.owned.isEmpty()));
      }
      return results;
    });
  }
}
