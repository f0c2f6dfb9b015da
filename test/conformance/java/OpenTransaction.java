import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Exit;

/**
 * Opens a transaction, sends values, and keeps it open until it is told to end; then it commits and prints how that went.
 *
 * <pre>java -cp $CLASSPATH OpenTransaction HOST:PORT TRANSACTIONAL-ID TOPIC VALUE...</pre>
 */
public class OpenTransaction {
  public static void main(String[] args) throws Exception {
    var asked = new CountDownLatch(1);
    Exit.addShutdownHook("end", asked::countDown);
    var settings = Map.<String, Object>of("bootstrap.servers", args[0], "transactional.id", args[1],
        "transaction.timeout.ms", 600_000, "client.id", "open-transaction");
    try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
      producer.initTransactions();
      producer.beginTransaction();
      for (int n = 3; n < args.length; n++) producer.send(new ProducerRecord<>(args[2], args[n])).get();
      asked.await();
      producer.commitTransaction();
      System.out.println("committed");
    } catch (RuntimeException error) {
      System.out.println(error.getClass().getSimpleName() + ": " + error.getMessage());
    }
  }
}
