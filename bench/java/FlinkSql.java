import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs a script of Flink SQL: declarations, then one INSERT, with a semicolon at the end of a line between them. */
public final class FlinkSql {
  private FlinkSql() {}

  public static void main(String[] args) throws Exception {
    Options options = new Options(args);
    List<String> statements = List.of(Files.readString(Path.of(options.text("script"))).split(";\n"));
    List<String> topics = List.of(options.text("topics").split(","));
    new FlinkJob(options, options.text("merges").equals("true"), topics).run(statements, options.number("records"));
  }
}
