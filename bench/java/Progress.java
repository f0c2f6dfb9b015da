import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * What the benchmark reads on standard output: `progress SECONDS EVENTS CPU_SECONDS PEAK_MB` while events are processed,
 * then the same once more as `done`. Seconds since the JVM started.
 */
final class Progress {
  private static final long START_MS = ManagementFactory.getRuntimeMXBean().getStartTime();

  private Progress() {}

  static double seconds() {
    return (System.currentTimeMillis() - START_MS) / 1e3;
  }

  static void say(String what, long events) throws IOException {
    double cpuSeconds = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3;
    System.out.println(
        String.format(Locale.ROOT, "%s %.3f %d %.2f %.1f", what, seconds(), events, cpuSeconds, peakMb()));
  }

  private static double peakMb() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
    }
    return 0;
  }
}
