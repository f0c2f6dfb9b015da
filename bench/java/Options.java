import java.util.HashMap;
import java.util.Map;

/** `name=value` arguments. A missing one is an error that names it. */
final class Options {
  private final Map<String, String> values = new HashMap<>();

  Options(String[] args) {
    for (String arg : args) {
      int at = arg.indexOf('=');
      if (at < 1) throw new IllegalArgumentException("not name=value: " + arg);
      values.put(arg.substring(0, at), arg.substring(at + 1));
    }
  }

  String text(String name) {
    String value = values.get(name);
    if (value == null) throw new IllegalArgumentException("missing argument " + name + "=...");
    return value;
  }

  String text(String name, String fallback) {
    return values.getOrDefault(name, fallback);
  }

  long number(String name) {
    return Long.parseLong(text(name));
  }

  int count(String name) {
    return Math.toIntExact(number(name));
  }
}
