import java.net.URI;
import java.net.http.*;

/**
 * One HTTP request, made again while nobody listens or the answer is of the server's own trouble; prints status and body.
 *
 * <pre>java HttpCall METHOD URL [JSON]</pre>
 */
public class HttpCall {
  public static void main(String[] args) throws Exception {
    var body = args.length > 2 ? HttpRequest.BodyPublishers.ofString(args[2]) : HttpRequest.BodyPublishers.noBody();
    var request = HttpRequest.newBuilder(URI.create(args[1])).method(args[0], body)
        .header("Content-Type", "application/json").build();
    var client = HttpClient.newHttpClient();
    for (long until = System.currentTimeMillis() + 25_000;; Thread.sleep(250)) {
      boolean last = System.currentTimeMillis() > until;
      try {
        var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
        // 404: what it serves is still being registered; 409: the workers are still agreeing on who runs what.
        if (!last && (answer.statusCode() >= 500 || answer.statusCode() == 404 || answer.statusCode() == 409)) continue;
        System.out.println(answer.statusCode() + " " + answer.body());
        return;
      } catch (java.io.IOException error) {
        if (last) throw error;
      }
    }
  }
}
