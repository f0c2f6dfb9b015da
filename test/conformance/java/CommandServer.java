import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.*;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs the main methods of Kafka's tools in one JVM, so that each costs milliseconds instead of a JVM's start. Requests
 * come as one JSON object a line, and each is answered by one line when it has ended.
 *
 * <pre>
 * {"id":1, "op":"run",   "main":"a.b.Tool", "args":[...], "stdin":"", "timeoutMs":20000}   to its end
 * {"id":2, "op":"start", "main":"a.b.Tool", "args":[...], "stdin":""}                      left running
 * {"id":3, "op":"stop",  "of":2}                                                           as Ctrl-C would
 * -> {"id":1, "code":0, "stdout":"...", "stderr":"...", "timedOut":false}
 * </pre>
 *
 * Every thread that a command starts inherits its streams: commands that run at once do not mix what they print.
 */
public class CommandServer {
  static final ObjectMapper JSON = new ObjectMapper();
  static final InheritableThreadLocal<Command> CURRENT = new InheritableThreadLocal<>();
  static final PrintStream ANSWERS = System.out;
  static final PrintStream LOG = System.err;
  static final Map<Long, Command> RUNNING = new ConcurrentHashMap<>();

  /** Unwinds the stack of a command that ended its process. */
  static class Exited extends Error {
    Exited(int code) {
      super("exit " + code, null, false, false);
    }
  }

  static class Command {
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    final List<Runnable> hooks = new CopyOnWriteArrayList<>();
    final InputStream in;
    final Thread thread;
    volatile Integer code;

    Command(JsonNode request) {
      in = new ByteArrayInputStream(request.path("stdin").asText("").getBytes(StandardCharsets.UTF_8));
      var args = new ArrayList<String>();
      request.get("args").forEach(arg -> args.add(arg.asText()));
      var main = request.get("main").asText();
      thread = new Thread(() -> {
        CURRENT.set(this);
        call(main, args.toArray(String[]::new));
      }, "command");
      thread.setDaemon(true);
    }

    void call(String main, String[] args) {
      int ended = 0;
      try {
        Class.forName(main).getMethod("main", String[].class).invoke(null, (Object) args);
      } catch (InvocationTargetException error) {
        if (!(error.getCause() instanceof Exited)) {
          error.getCause().printStackTrace(System.err);
          ended = 1;
        }
      } catch (ReflectiveOperationException error) {
        error.printStackTrace(System.err);
        ended = 127;
      }
      if (code == null) code = ended;
      hooks.forEach(Runnable::run);
    }

    boolean join(long timeoutMs) throws InterruptedException {
      thread.join(Math.max(1, timeoutMs));
      return !thread.isAlive();
    }

    /** The hooks of a process that is asked to end; what they say is the last that is heard of it. */
    void end() throws InterruptedException {
      var hook = new Thread(() -> {
        CURRENT.set(this);
        hooks.forEach(Runnable::run);
      });
      hook.setDaemon(true);
      hook.start();
      if (join(5_000)) return;
      thread.interrupt();
      join(5_000);
    }

    void answer(long id, boolean timedOut) throws IOException {
      var answer = JSON.createObjectNode().put("id", id).put("timedOut", timedOut);
      answer.put("code", code).put("stdout", out.toString(StandardCharsets.UTF_8));
      answer.put("stderr", err.toString(StandardCharsets.UTF_8));
      synchronized (ANSWERS) {
        ANSWERS.println(JSON.writeValueAsString(answer));
        ANSWERS.flush();
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    System.setOut(new PrintStream(new Redirected(false), true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(new Redirected(true), true, StandardCharsets.UTF_8));
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.setIn(new CommandInput());
    Exit.Procedure exit = (code, message) -> {
      Command command = CURRENT.get();
      if (command != null && command.code == null) command.code = code;
      throw new Exited(code);
    };
    Exit.setExitProcedure(exit);
    Exit.setHaltProcedure(exit);
    Exit.setShutdownHookAdder((name, hook) -> {
      Command command = CURRENT.get();
      if (command != null) command.hooks.add(once(hook));
    });
    for (String line; (line = requests.readLine()) != null;) {
      var request = JSON.readTree(line);
      serve(request.get("id").asLong(), request.get("op").asText(), request);
    }
    Runtime.getRuntime().halt(0);
  }

  static void serve(long id, String op, JsonNode request) throws Exception {
    if (op.equals("stop")) {
      Command command = RUNNING.remove(request.get("of").asLong());
      command.end();
      command.answer(id, command.thread.isAlive());
      return;
    }
    var command = new Command(request);
    command.thread.start();
    if (op.equals("start")) {
      RUNNING.put(id, command);
      return;
    }
    boolean ended = command.join(request.get("timeoutMs").asLong());
    if (!ended) command.end();
    command.answer(id, !ended);
  }

  static Runnable once(Runnable hook) {
    var task = new FutureTask<>(hook, null);
    return () -> {
      task.run();
      try {
        task.get();
      } catch (InterruptedException | ExecutionException error) {
        LOG.println("a shutdown hook failed: " + error);
      }
    };
  }

  /** Standard output or error of whichever command the writing thread belongs to. */
  static class Redirected extends OutputStream {
    final boolean error;

    Redirected(boolean error) {
      this.error = error;
    }

    OutputStream target() {
      Command command = CURRENT.get();
      return command == null ? LOG : error ? command.err : command.out;
    }

    @Override
    public void write(int b) throws IOException {
      target().write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      target().write(bytes, from, length);
    }
  }

  static class CommandInput extends InputStream {
    InputStream source() {
      Command command = CURRENT.get();
      return command == null ? InputStream.nullInputStream() : command.in;
    }

    @Override
    public int read() throws IOException {
      return source().read();
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
      return source().read(bytes, from, length);
    }

    @Override
    public int available() throws IOException {
      return source().available();
    }
  }
}
