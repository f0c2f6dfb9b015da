// Consumers of both group protocols, and what administrators see of them. Prints only what does not depend on time:
// groups.expected.txt holds what it prints on Apache Kafka 4.1.

import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.errors.*;
import org.apache.kafka.common.serialization.*;

public class Groups {
  static String servers;
  static Admin admin;

  public static void main(String[] args) throws Exception {
    servers = args[0];
    admin = Admin.create(Map.of("bootstrap.servers", servers));
    topic("t", 4);
    produce("t", 40);
    rebalance("uniform");
    rebalance("range");
    migrate();
    patterns();
    staticMembers();
    administer();
    admin.close();
  }

  /** Partitions go from one to the other, and back when it leaves. */
  static void rebalance(String assignor) throws Exception {
    String group = "moves-" + assignor;
    Map<String, String> config = Map.of("group.remote.assignor", assignor);
    Member one = new Member(group, "consumer", config, "t");
    until("one has all", () -> one.assigned.size() == 4 && one.records == 40);
    Member two = new Member(group, "consumer", config, "t");
    until("both have half", () -> one.assigned.size() == 2 && two.assigned.size() == 2);
    until("stable", () -> describe(group).groupState() == GroupState.STABLE);
    show(group);
    one.close();
    until("two has all", () -> two.assigned.size() == 4);
    two.close();
    show(group);
  }

  /** Members change their protocol one after another, there and back. */
  static void migrate() throws Exception {
    String group = "migrates";
    Map<String, String> cooperative =
        Map.of("partition.assignment.strategy", "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
    Member classic = new Member(group, "classic", cooperative, "t");
    until("classic has all", () -> classic.assigned.size() == 4 && classic.records == 40);
    show(group);
    Member modern = new Member(group, "consumer", Map.of(), "t");
    until("both have half", () -> classic.assigned.size() == 2 && modern.assigned.size() == 2);
    until("stable", () -> describe(group).groupState() == GroupState.STABLE);
    show(group);
    classic.close();
    until("modern has all", () -> modern.assigned.size() == 4);
    show(group);
    Member back = new Member(group, "classic", cooperative, "t");
    until("both have half again", () -> back.assigned.size() == 2 && modern.assigned.size() == 2);
    modern.close();
    until("back has all", () -> back.assigned.size() == 4);
    until("stable again", () -> describe(group).groupState() == GroupState.STABLE);
    show(group);
    back.close();
    System.out.println("read again: " + (modern.records + back.records));
  }

  /** A regular expression in the server, which new topics come to match. */
  static void patterns() throws Exception {
    topic("logs-a", 1);
    Member member = new Member("patterns", "consumer", Map.of(), new SubscriptionPattern("logs-[ab]"));
    until("logs-a", () -> member.assigned.size() == 1);
    topic("logs-b", 1);
    topic("logs-c", 1);
    until("logs-b", () -> member.assigned.size() == 2);
    System.out.println("matches: " + new TreeSet<>(member.assigned.stream().map(TopicPartition::topic).toList()));
    member.close();
    try (Consumer<String, String> consumer = consumer("patterns", "consumer", Map.of())) {
      consumer.subscribe(new SubscriptionPattern("(?=x)"));
      for (int i = 0; i < 100; i++) consumer.poll(Duration.ofMillis(100));
    } catch (ApiException e) {
      System.out.println("bad pattern: " + e.getClass().getSimpleName());
    }
  }

  /** A static member that comes back finds what it had; another one of its name must wait. */
  static void staticMembers() throws Exception {
    Map<String, String> named = Map.of("group.instance.id", "one");
    Member first = new Member("static", "consumer", named, "t");
    until("first has all", () -> first.assigned.size() == 4 && first.records == 40);
    Member second = new Member("static", "consumer", named, "t");
    until("second fails", () -> second.failure != null);
    System.out.println("same name: " + second.failure);
    first.close();
    Member third = new Member("static", "consumer", named, "t");
    until("third has all", () -> third.assigned.size() == 4);
    show("static");
    System.out.println("epoch stays: " + describe("static").groupEpoch().orElse(-1));
    third.close();
    var removed = admin.removeMembersFromConsumerGroup(
        "static", new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("one"))));
    removed.all().get();
    show("static");
  }

  static void administer() throws Exception {
    Member member = new Member("admin", "consumer", Map.of(), "t");
    until("has all", () -> member.assigned.size() == 4 && member.records == 40);
    TopicPartition partition = new TopicPartition("t", 0);
    String group = "admin";
    OffsetAndMetadata zero = new OffsetAndMetadata(0);
    fails("reset live", admin.alterConsumerGroupOffsets(group, Map.of(partition, zero)).all());
    fails("delete offsets live", admin.deleteConsumerGroupOffsets(group, Set.of(partition)).all());
    fails("delete live", admin.deleteConsumerGroups(List.of(group)).all());
    fails("describe as classic", admin.describeClassicGroups(List.of(group)).all());
    fails("describe none", admin.describeConsumerGroups(List.of("none")).all());
    System.out.println("stable consumers: " + list(ListGroupsOptions.forConsumerGroups().inGroupStates(Set.of(GroupState.STABLE))));
    member.close();
    fails("reset", admin.alterConsumerGroupOffsets(group, Map.of(partition, zero)).all());
    System.out.println("offset: " + admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(partition).offset());
    fails("delete offsets", admin.deleteConsumerGroupOffsets(group, Set.of(partition)).all());
    System.out.println("all: " + list(new ListGroupsOptions()));
    System.out.println("consumer: " + list(new ListGroupsOptions().withTypes(Set.of(GroupType.CONSUMER))));
    fails("delete", admin.deleteConsumerGroups(List.of(group)).all());
    fails("delete again", admin.deleteConsumerGroups(List.of(group)).all());
  }

  static List<String> list(ListGroupsOptions options) throws Exception {
    return admin.listGroups(options).all().get().stream()
        .map(g -> g.groupId() + "/" + g.type().orElse(null) + "/" + g.protocol() + "/" + g.groupState().orElse(null))
        .sorted()
        .toList();
  }

  static ConsumerGroupDescription describe(String group) {
    try {
      return admin.describeConsumerGroups(List.of(group)).all().get().get(group);
    } catch (Exception e) {
      throw new RuntimeException(e);
    }
  }

  static void show(String group) throws Exception {
    ConsumerGroupDescription d = describe(group);
    System.out.println(group + ": " + d.type() + " " + d.groupState() + " assignor=" + d.partitionAssignor());
    d.members().stream()
        .map(m -> "  has " + m.assignment().topicPartitions().size()
            + " target " + m.targetAssignment().map(a -> a.topicPartitions().size()).orElse(-1)
            + " upgraded " + m.upgraded() + " instance " + m.groupInstanceId().orElse(null)
            + " at epoch " + m.memberEpoch().equals(d.groupEpoch()))
        .sorted()
        .forEach(System.out::println);
  }

  static void fails(String what, KafkaFuture<?> future) throws Exception {
    try {
      future.get(20, TimeUnit.SECONDS);
      System.out.println(what + ": ok");
    } catch (ExecutionException e) {
      System.out.println(what + ": " + e.getCause().getClass().getSimpleName());
    }
  }

  static void topic(String name, int partitions) throws Exception {
    admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1))).all().get();
  }

  static void produce(String topic, int count) throws Exception {
    var config = Map.<String, Object>of("bootstrap.servers", servers);
    try (var producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
      for (int i = 0; i < count; i++) producer.send(new ProducerRecord<>(topic, i % 4, "k", "v" + i)).get();
    }
  }

  static Consumer<String, String> consumer(String group, String protocol, Map<String, String> more) {
    Map<String, Object> config = new HashMap<>(more);
    config.put("bootstrap.servers", servers);
    config.put("group.id", group);
    config.put("group.protocol", protocol);
    config.put("auto.offset.reset", "earliest");
    config.put("metadata.max.age.ms", "2000");
    if (protocol.equals("classic")) config.put("heartbeat.interval.ms", "500");
    return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
  }

  static void until(String what, Callable<Boolean> isSo) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!isSo.call()) {
      if (System.nanoTime() > deadline) {
        System.out.println("waited in vain: " + what);
        System.exit(1);
      }
      Thread.sleep(50);
    }
  }

  /** One consumer in a thread of its own. */
  static class Member {
    final Thread thread;
    volatile Set<TopicPartition> assigned = Set.of();
    volatile int records;
    volatile String failure;
    volatile boolean isClosing;

    Member(String group, String protocol, Map<String, String> config, Object subscription) {
      thread = new Thread(() -> {
        try (Consumer<String, String> consumer = consumer(group, protocol, config)) {
          if (subscription instanceof SubscriptionPattern pattern) consumer.subscribe(pattern);
          else consumer.subscribe(List.of((String) subscription));
          while (!isClosing) {
            records += consumer.poll(Duration.ofMillis(100)).count();
            assigned = Set.copyOf(consumer.assignment());
          }
        } catch (KafkaException e) {
          failure = e.getClass().getSimpleName();
        }
        assigned = Set.of();
      });
      thread.setDaemon(true);
      thread.start();
    }

    void close() throws Exception {
      isClosing = true;
      thread.join();
    }
  }
}
