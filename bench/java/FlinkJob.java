import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.kafka.clients.admin.Admin;

/**
 * Flink SQL in one JVM: hash-map state, parallelism 1, from Kafka to Kafka. Sources end where their topics ended, so that a run
 * that is not cut off finishes, with every window closed.
 *
 * Records are counted by the offsets that checkpoints commit.
 */
final class FlinkJob {
  private final Options options;
  /** Updates of a key within the commit interval become one. */
  private final boolean merges;
  private final List<String> countedTopics;

  FlinkJob(Options options, boolean merges, List<String> countedTopics) {
    this.options = options;
    this.merges = merges;
    this.countedTopics = countedTopics;
  }

  /** The last of the statements is the INSERT. Says its progress until all records are processed, or it is cut off. */
  void run(List<String> statements, long records) throws Exception {
    TableEnvironment tables =
        TableEnvironment.create(EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(config()).build());
    int last = statements.size() - 1;
    for (String declaration : statements.subList(0, last)) tables.executeSql(declaration);
    JobClient job = tables.executeSql(statements.get(last)).getJobClient().orElseThrow();
    while (job.getJobStatus().get() != JobStatus.RUNNING) Thread.sleep(10);
    Progress.say("progress", 0);
    CompletableFuture<?> finished = job.getJobExecutionResult();
    double boundAt = Double.MAX_VALUE;
    long n = 0;
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", options.text("bootstrap")))) {
      while (!finished.isDone() && Progress.seconds() < boundAt) {
        Thread.sleep(50);
        long committed = committed(admin);
        if (committed == n) continue;
        if (n == 0) boundAt = Progress.seconds() + options.number("boundSeconds");
        n = committed;
        Progress.say("progress", n);
      }
    }
    if (finished.isDone()) {
      finished.get();
      Progress.say("done", records);
    } else {
      Progress.say("done", n);
      job.cancel().get();
    }
    System.exit(0);
  }

  private long committed(Admin admin) throws Exception {
    long sum = 0;
    String group = options.text("out");
    for (var entry : admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet()) {
      if (countedTopics.contains(entry.getKey().topic()) && entry.getValue() != null) sum += entry.getValue().offset();
    }
    return sum;
  }

  private Configuration config() {
    Configuration config = new Configuration();
    boolean exactlyOnce = options.text("guarantee").startsWith("exactly_once");
    config.setString("parallelism.default", "1");
    config.setString("state.backend.type", "hashmap");
    config.setString("execution.checkpointing.storage", "filesystem");
    config.setString("execution.checkpointing.dir", "file://" + options.text("stateDir"));
    config.setString("execution.checkpointing.interval", options.text("commitMs") + " ms");
    config.setString("execution.checkpointing.mode", exactlyOnce ? "EXACTLY_ONCE" : "AT_LEAST_ONCE");
    // Fewer copies between chained operators; safe, since SQL operators do not keep their input.
    config.setString("pipeline.object-reuse", "true");
    config.setString("table.local-time-zone", "UTC");
    config.setString("rest.port", "0");
    if (merges) {
      config.setString("table.exec.mini-batch.enabled", "true");
      config.setString("table.exec.mini-batch.allow-latency", options.text("commitMs") + " ms");
      config.setString("table.exec.mini-batch.size", "100000");
    }
    return config;
  }
}
