import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.SubmissionPublisher;
import java.nio.ByteBuffer;

/**
 * Statements, queries and rows over HTTP/2 in clear text, by the client that Java brings along; prints what it sees.
 *
 * <pre>java SqlOverHttp2 http://HOST:PORT</pre>
 */
public class SqlOverHttp2 {
  static final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
  static String server;

  public static void main(String[] args) throws Exception {
    server = args[0];
    var created = post("/ksql", "{\"ksql\":\"CREATE STREAM S (K STRING KEY, A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);"
        + " CREATE TABLE C AS SELECT K, SUM(A) AS N FROM S GROUP BY K;\"}");
    System.out.println(created.version() + " " + created.statusCode());

    var push = client.send(request("/query-stream", "{\"sql\":\"SELECT A FROM S EMIT CHANGES LIMIT 3;\"}").build(),
        HttpResponse.BodyHandlers.ofLines());
    System.out.println(push.version() + " push " + push.statusCode());
    var rows = push.body().iterator();
    System.out.println(rows.next().contains("\"columnNames\":[\"A\"]"));

    // Each row is seen by the query while the request that brings it goes on. This client shows an answer only when it
    // has sent its whole request, so the acknowledgements come last.
    var lines = new SubmissionPublisher<ByteBuffer>();
    var inserting = client.sendAsync(
        HttpRequest.newBuilder(URI.create(server + "/inserts-stream"))
            .POST(HttpRequest.BodyPublishers.fromPublisher(lines)).build(),
        HttpResponse.BodyHandlers.ofString());
    while (lines.getNumberOfSubscribers() == 0) Thread.sleep(5);
    lines.submit(bytes("{\"target\":\"S\"}\n"));
    for (int n = 1; n <= 3; n++) {
      lines.submit(bytes("{\"K\":\"a\",\"A\":" + n + "}\n"));
      System.out.println(rows.next());
    }
    System.out.println("rows end " + !rows.hasNext());
    lines.close();
    System.out.print(inserting.get().body());

    var pull = post("/query", "{\"ksql\":\"SELECT N FROM C WHERE K = 'a';\"}");
    System.out.println(pull.version() + " " + pull.body().contains("{\"row\":{\"columns\":[6]}}"));
    var wrong = post("/query", "{\"ksql\":\"SELECT Z FROM C;\"}");
    System.out.println(wrong.statusCode() + " " + wrong.body().contains("40001"));
  }

  static HttpRequest.Builder request(String path, String body) {
    return HttpRequest.newBuilder(URI.create(server + path)).POST(HttpRequest.BodyPublishers.ofString(body));
  }

  static HttpResponse<String> post(String path, String body) throws Exception {
    return client.send(request(path, body).build(), HttpResponse.BodyHandlers.ofString());
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes());
  }
}
