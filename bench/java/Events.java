import java.nio.charset.StandardCharsets;

/**
 * The events every pipeline benchmark uses, each a function of its index alone: what was written can be folded again
 * without reading it. USER_GAME is the demo's stream, without keys; LOSSES_PER_USER is a table, keyed by player; PLAYS and
 * REWARDS are two streams, keyed by player, that have the events between them.
 */
final class Events {
  /** Prime, so that consecutive events are of different players and every player has as many. */
  private static final long STRIDE = 7919;
  private static final long REWARD_STRIDE = 104_729;

  final long events;
  final long keys;
  final long baseMs;
  final long spanMs;

  Events(Options options) {
    events = options.number("events");
    keys = options.number("keys");
    baseMs = options.number("baseMs");
    spanMs = options.number("spanMs");
  }

  long player(long n) {
    return (n * STRIDE) % keys;
  }

  static String user(long player) {
    return "player" + player;
  }

  static int score(long n) {
    return (int) ((n * 31) % 50_000);
  }

  static int lives(long n) {
    return (int) (n % 4);
  }

  static int level(long n) {
    return (int) (1 + n % 30);
  }

  /** Rises with the index through the whole span. */
  long timestampMs(long n) {
    return baseMs + (long) ((double) n / events * spanMs);
  }

  byte[] game(long n) {
    String json = "{\"USER\":\"" + user(player(n)) + "\",\"GAME\":{\"SCORE\":" + score(n) + ",\"LIVES\":" + lives(n)
        + ",\"LEVEL\":" + level(n) + "}}";
    return json.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Of PLAYS and REWARDS: every second event is a reward. Their players come in other orders. */
  static boolean isReward(long n) {
    return n % 2 == 1;
  }

  long playerOfPair(long n) {
    return isReward(n) ? (n / 2 * REWARD_STRIDE) % keys : player(n / 2);
  }

  static int points(long n) {
    return (int) ((n * 17) % 1_000);
  }

  static byte[] playJson(long n) {
    return ("{\"SCORE\":" + score(n) + ",\"LEVEL\":" + level(n) + "}").getBytes(StandardCharsets.ISO_8859_1);
  }

  static byte[] rewardJson(long n) {
    return ("{\"POINTS\":" + points(n) + "}").getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Every tenth player has no losses, so that a left join has something to miss. */
  static boolean hasLosses(long player) {
    return player % 10 != 9;
  }

  static long losses(long player) {
    return player % 7;
  }

  static byte[] lossesJson(long player) {
    return ("{\"TOTAL_LOSSES\":" + losses(player) + "}").getBytes(StandardCharsets.ISO_8859_1);
  }
}
