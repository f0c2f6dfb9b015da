import java.time.Duration;
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.acl.*;
import org.apache.kafka.common.config.*;
import org.apache.kafka.common.quota.*;
import org.apache.kafka.common.resource.*;

/** What administrators ask a broker about itself, its transactions, quotas and rights. */
class BrokerScenarios extends Clients {
  static void register() {
    SCENARIOS.put("describe-cluster", () -> {
      var options = new DescribeClusterOptions().includeAuthorizedOperations(true);
      var cluster = admin.describeCluster(options);
      return cluster.nodes().get().stream().map(node -> node.id() + " " + node.host() + " " + node.rack() + " " + node.isFenced())
          .toList() + " " + cluster.controller().get().id() + " " + cluster.clusterId().get().length() + " "
          + new TreeSet<>(cluster.authorizedOperations().get());
    });

    SCENARIOS.put("features", () -> {
      var features = admin.describeFeatures().featureMetadata().get();
      var results = new ArrayList<Object>();
      for (var name : new TreeSet<>(features.supportedFeatures().keySet()))
        results.add("\n  " + name + " " + features.supportedFeatures().get(name) + " " + features.finalizedFeatures().get(name));
      results.add("\n  " + features.finalizedFeaturesEpoch().isPresent());
      for (var update : List.of(Map.of("no.such.feature", new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE)),
          Map.of("group.version", new FeatureUpdate((short) 9, FeatureUpdate.UpgradeType.UPGRADE)),
          Map.of("transaction.version", new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.UPGRADE)),
          Map.of("transaction.version", new FeatureUpdate((short) 1, FeatureUpdate.UpgradeType.SAFE_DOWNGRADE))))
        results.add("\n  " + told(() -> admin.updateFeatures(update, new UpdateFeaturesOptions().validateOnly(true)).all().get()));
      return results;
    });

    SCENARIOS.put("metadata-quorum", () -> {
      var quorum = admin.describeMetadataQuorum().quorumInfo().get();
      return quorum.leaderId() + " " + (quorum.leaderEpoch() > 0) + " " + (quorum.highWatermark() > 0) + " "
          + quorum.voters().size() + " " + quorum.voters().get(0).replicaId() + " "
          + quorum.voters().get(0).lastCaughtUpTimestamp().isPresent() + " " + quorum.observers() + " " + quorum.nodes().keySet();
    });

    SCENARIOS.put("log-dirs", () -> {
      create("dirs", 1);
      send("dirs", "x");
      var results = new ArrayList<Object>();
      var dirs = admin.describeLogDirs(List.of(1)).allDescriptions().get().get(1);
      var dir = dirs.values().iterator().next();
      results.add(dirs.size() + " " + dir.error() + " " + dir.totalBytes().isPresent() + " "
          + (dir.replicaInfos().get(at("dirs", 0)).size() > 0) + " " + dir.replicaInfos().get(at("dirs", 0)).offsetLag()
          + " " + dir.replicaInfos().get(at("dirs", 0)).isFuture());
      var replica = new TopicPartitionReplica("dirs", 0, 1);
      results.add(told(() -> admin.describeReplicaLogDirs(List.of(replica)).all().get().get(replica)
          .getFutureReplicaLogDir()));
      results.add(told(() -> admin.alterReplicaLogDirs(Map.of(replica, "/no/such/folder")).all().get()));
      results.add(told(() -> admin.alterReplicaLogDirs(Map.of(replica, dirs.keySet().iterator().next())).all().get()));
      results.add(told(() -> admin.alterReplicaLogDirs(Map.of(new TopicPartitionReplica("dirs-none", 0, 1),
          dirs.keySet().iterator().next())).all().get()));
      return results;
    });

    SCENARIOS.put("placement", () -> {
      create("placed-java", 1);
      var partition = at("placed-java", 0);
      var unknown = at("placed-none", 0);
      var results = new ArrayList<Object>();
      for (var type : ElectionType.values())
        for (var which : List.of(partition, unknown))
          results.add("\n  " + type + " " + told(() -> admin.electLeaders(type, Set.of(which)).partitions().get().get(which)
              .map(Clients::explain)));
      results.add("\n  " + told(() -> admin.electLeaders(ElectionType.PREFERRED, null).all().get()));
      for (var targets : List.of(List.of(1), List.of(2), List.of(1, 1), List.<Integer>of()))
        results.add("\n  " + targets + " " + told(() -> admin.alterPartitionReassignments(
            Map.of(partition, Optional.of(new NewPartitionReassignment(targets)))).all().get()));
      results.add("\n  " + told(() -> admin.alterPartitionReassignments(Map.of(partition, Optional.empty())).all().get()));
      results.add("\n  " + told(() -> admin.alterPartitionReassignments(Map.of(unknown, Optional.of(new NewPartitionReassignment(List.of(1))))).all().get()));
      results.add("\n  " + told(() -> admin.listPartitionReassignments().reassignments().get()));
      results.add("\n  " + told(() -> admin.listPartitionReassignments(Set.of(unknown)).reassignments().get()));
      return results;
    });

    SCENARIOS.put("quotas", () -> {
      var results = new ArrayList<Object>();
      var user = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "quota-user"));
      var both = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "quota-user", ClientQuotaEntity.CLIENT_ID, "app"));
      var defaults = new HashMap<String, String>();
      defaults.put(ClientQuotaEntity.CLIENT_ID, null);
      for (var entity : List.of(user, both, new ClientQuotaEntity(defaults), new ClientQuotaEntity(Map.of("nonsense", "x")),
          new ClientQuotaEntity(Map.of(ClientQuotaEntity.IP, "1.2.3.4"))))
        results.add("\n  " + told(() -> admin.alterClientQuotas(List.of(new ClientQuotaAlteration(entity,
            List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1000.5))))).all().get()));
      for (var filter : List.of(ClientQuotaFilter.contains(List.of(ClientQuotaFilterComponent.ofEntity(ClientQuotaEntity.USER, "quota-user"))),
          ClientQuotaFilter.containsOnly(List.of(ClientQuotaFilterComponent.ofEntity(ClientQuotaEntity.USER, "quota-user"))),
          ClientQuotaFilter.contains(List.of(ClientQuotaFilterComponent.ofDefaultEntity(ClientQuotaEntity.CLIENT_ID))),
          ClientQuotaFilter.contains(List.of(ClientQuotaFilterComponent.ofEntityType("nonsense")))))
        results.add("\n  " + told(() -> new TreeMap<>(Map.copyOf(stringKeys(admin.describeClientQuotas(filter).entities().get())))));
      results.add("\n  " + told(() -> admin.alterClientQuotas(List.of(user, both, new ClientQuotaEntity(defaults)).stream()
          .map(entity -> new ClientQuotaAlteration(entity, List.of(new ClientQuotaAlteration.Op("producer_byte_rate", null))))
          .toList()).all().get()));
      return results;
    });

    SCENARIOS.put("scram", () -> {
      var results = new ArrayList<Object>();
      var info = new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 4096);
      results.add(told(() -> admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion("scram-user", info, "secret"))).all().get()));
      results.add(told(() -> admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion("scram-user",
          new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, 10), "secret"))).all().get()));
      results.add(told(() -> admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion("scram-user", ScramMechanism.SCRAM_SHA_512))).all().get()));
      results.add(told(() -> admin.describeUserScramCredentials(List.of("scram-user")).all().get()));
      results.add(told(() -> admin.describeUserScramCredentials(List.of("scram-nobody")).all().get()));
      results.add(told(() -> admin.alterUserScramCredentials(List.of(new UserScramCredentialDeletion("scram-user", ScramMechanism.SCRAM_SHA_256))).all().get()));
      return results;
    });

    SCENARIOS.put("acls-without-authorizer", () -> {
      var binding = new AclBinding(new ResourcePattern(ResourceType.TOPIC, "t", PatternType.LITERAL),
          new AccessControlEntry("User:alice", "*", AclOperation.READ, AclPermissionType.ALLOW));
      return List.of(told(() -> admin.describeAcls(AclBindingFilter.ANY).values().get()),
          told(() -> admin.createAcls(List.of(binding)).all().get()),
          told(() -> admin.deleteAcls(List.of(AclBindingFilter.ANY)).all().get()));
    });

    SCENARIOS.put("delegation-tokens", () -> List.of(told(() -> admin.createDelegationToken().delegationToken().get()),
        told(() -> admin.describeDelegationToken().delegationTokens().get()),
        told(() -> admin.renewDelegationToken(new byte[4]).expiryTimestamp().get()),
        told(() -> admin.expireDelegationToken(new byte[4]).expiryTimestamp().get())));

    SCENARIOS.put("transactions-seen-from-outside", () -> {
      create("tx-seen", 1);
      var results = new ArrayList<Object>();
      var partition = at("tx-seen", 0);
      try (var producer = producer("transactional.id", "tx-seen")) {
        producer.initTransactions();
        for (int n = 0; n < 2; n++) {
          producer.beginTransaction();
          producer.send(new ProducerRecord<>("tx-seen", "v" + n)).get();
          if (n == 0) producer.commitTransaction();
        }
        var described = admin.describeTransactions(List.of("tx-seen")).all().get().get("tx-seen");
        results.add(described.state() + " " + described.coordinatorId() + " " + described.topicPartitions() + " "
            + described.transactionTimeoutMs() + " " + described.transactionStartTimeMs().isPresent() + " " + described.producerEpoch());
        results.add(admin.listTransactions().all().get().stream().filter(each -> each.transactionalId().equals("tx-seen"))
            .map(TransactionListing::state).toList());
        results.add(admin.listTransactions(new ListTransactionsOptions().filterStates(Set.of(TransactionState.EMPTY))).all().get()
            .stream().filter(each -> each.transactionalId().equals("tx-seen")).toList());
        var active = admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers();
        results.add(active.stream().map(each -> each.producerEpoch() + " " + each.lastSequence() + " "
            + each.currentTransactionStartOffset() + " " + each.coordinatorEpoch()).toList());
        results.add(told(() -> admin.fenceProducers(List.of("tx-seen")).all().get()));
        results.add(told(() -> {
          producer.commitTransaction();
          return "committed";
        }));
      }
      results.add(told(() -> admin.describeTransactions(List.of("tx-nobody")).all().get()));
      results.add(told(() -> admin.abortTransaction(new AbortTransactionSpec(partition, 123456, (short) 0, 0)).all().get()));
      results.add(told(() -> admin.forceTerminateTransaction("tx-nobody").result().get()));
      results.add(read("tx-seen", "isolation.level", "read_committed"));
      return results;
    });

    SCENARIOS.put("config-resources", () -> {
      var group = new ConfigResource(ConfigResource.Type.GROUP, "config-group");
      var metrics = new ConfigResource(ConfigResource.Type.CLIENT_METRICS, "config-metrics");
      var results = new ArrayList<Object>();
      Object[][] steps = {{group, "consumer.heartbeat.interval.ms", "7000"}, {group, "share.isolation.level", "nonsense"},
          {group, "no.such", "1"}, {metrics, "interval.ms", "60000"}, {metrics, "interval.ms", "x"}, {metrics, "match", "bad"}};
      for (Object[] step : steps)
        results.add("\n  " + told(() -> admin.incrementalAlterConfigs(Map.of((ConfigResource) step[0], List.of(new AlterConfigOp(
            new ConfigEntry((String) step[1], (String) step[2]), AlterConfigOp.OpType.SET)))).all().get()));
      for (var resource : List.of(group, metrics))
        results.add("\n  " + told(() -> admin.describeConfigs(List.of(resource)).all().get().get(resource).entries().stream()
            .map(entry -> entry.name() + "=" + entry.value() + " " + entry.source() + " " + entry.type() + " " + entry.isReadOnly())
            .sorted().toList()));
      results.add("\n  " + told(() -> admin.listConfigResources(Set.of(ConfigResource.Type.GROUP, ConfigResource.Type.CLIENT_METRICS),
          new ListConfigResourcesOptions()).all().get().stream().map(ConfigResource::toString).filter(each -> each.contains("config-")).sorted().toList()));
      results.add("\n  " + told(() -> admin.clientInstanceId(Duration.ofSeconds(5)).toString().length()));
      return results;
    });

    SCENARIOS.put("topic-configs", () -> {
      create("configs-java", 1, "retention.ms", "1000");
      var resource = new ConfigResource(ConfigResource.Type.TOPIC, "configs-java");
      var options = new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true);
      return admin.describeConfigs(List.of(resource), options).all().get().get(resource).entries().stream()
          .map(entry -> "\n  " + entry.name() + "=" + entry.value() + " " + entry.source() + " " + entry.type() + " "
              + entry.isReadOnly() + " " + entry.isSensitive() + " " + entry.synonyms() + " " + (entry.documentation() != null))
          .sorted().toList();
    });

    SCENARIOS.put("raft-voters", () -> List.of(
        told(() -> admin.removeRaftVoter(9, Uuid.fromString("AAAAAAAAAAAAAAAAAAAABQ")).all().get()),
        told(() -> admin.addRaftVoter(9, Uuid.fromString("AAAAAAAAAAAAAAAAAAAABQ"),
            Set.of(new RaftVoterEndpoint("CONTROLLER", "127.0.0.1", 9))).all().get()),
        told(() -> admin.unregisterBroker(9).all().get())));

    SCENARIOS.put("controller-bootstrap", () -> {
      try (Admin direct = Admin.create(Map.of("bootstrap.controllers", bootstrap, "default.api.timeout.ms", 3000, "request.timeout.ms", 2000))) {
        return told(() -> direct.describeCluster().nodes().get().size());
      }
    });
  }

  private static Map<String, Object> stringKeys(Map<?, ?> map) {
    var result = new HashMap<String, Object>();
    map.forEach((key, value) -> result.put(key.toString(), value));
    return result;
  }
}
