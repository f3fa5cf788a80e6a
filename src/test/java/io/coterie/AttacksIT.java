package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What strangers and users send to do harm, against the packaged jar in the heap that a machine of
 * 1 GB gives it. Others are answered in time meanwhile, and everything is as before soon after.
 * {@code -Dattacks.seconds=N} makes each attack longer.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AttacksIT {

  private static final Duration LENGTH =
      Duration.ofSeconds(Integer.getInteger("attacks.seconds", 6));
  private static final int MEGABYTE = 1 << 20;
  private static final int STOPPED_AT = 1_048_500;
  private static final double NEAR = 1.6;
  private static final String PING = "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n";

  @TempDir static Path folder;

  private static ServerProcess server;
  private static String token;
  private static String workspace;
  private static Onlooker onlooker;
  private static long restingRss;

  /** How many times as much as the machine can do it had to do before: 1 for one that is free. */
  private static double othersLoad;

  enum Sender {
    STRANGER,
    USER
  }

  @BeforeAll
  static void start() {
    var machine = ManagementFactory.getOperatingSystemMXBean();
    othersLoad = Math.max(1, machine.getSystemLoadAverage() / machine.getAvailableProcessors());
    server = ServerProcess.serveAsRunSh(List.of("-XX:MaxRAM=1g"), folder);
    token = server.login("admin@example.com");
    workspace =
        server.send(token, "POST", "/workspace", "{}").at("/workspace/workspace_id").asText();
    onlooker = new Onlooker(server);
    onlooker.during(Attack.repeated(server, 1, Duration.ofSeconds(3), ascii(PING)));
    restingRss = server.figure("VmRSS");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void everythingAnswersAsBefore() {
    assertThat(server.hasEnded()).as(server.output()).isFalse();
    Await.until(
        Duration.ofMillis((long) (2_000 * othersLoad)),
        () -> {
          var made = server.answer(token, "POST", "/workspace", "{\"name\":\"after\"}");
          var big =
              server.answer(token, "POST", "/workspace", "{\"x\":\"" + "y".repeat(900_000) + "\"}");
          return made.status() == 200 && big.status() == 200;
        },
        () -> "does not answer as before");
    assertThat(server.output())
        .doesNotContain("OutOfMemory", " ERROR ", " WARN ")
        .doesNotContain("\tat ");
  }

  @ParameterizedTest
  @EnumSource(Sender.class)
  void bodiesThatStopBeforeTheirEnd(Sender sender) {
    byte[] request = head(sender, "POST /workspace", "Content-Length: " + MEGABYTE, STOPPED_AT);
    report("250 bodies that stop, " + sender, Attack.sockets(server, 250, LENGTH, request));
  }

  @ParameterizedTest
  @EnumSource(Sender.class)
  void chunksThatStopBeforeTheirEnd(Sender sender) {
    String size = "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(MEGABYTE);
    byte[] request = head(sender, "POST /workspace", size, STOPPED_AT);
    report("250 chunked bodies that stop, " + sender, Attack.sockets(server, 250, LENGTH, request));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "POST /register",
        "PUT /workspace/ID/rename",
        "POST /agent",
        "POST /v1/chat/completions"
      })
  void manyFields(String route) {
    StringBuilder body = new StringBuilder("{\"model\":\"echo\"");
    for (int i = 0; body.length() < 759_000; i++) {
      body.append(",\"f").append(i).append("\":1");
    }
    byte[] request = whole(route.replace("ID", workspace), body.append('}').toString());
    report("100 times 70,000 fields, " + route, Attack.repeated(server, 100, LENGTH, request));
  }

  @Test
  void deepAndWideJson() {
    String wide = "{\"a\":[" + "{},".repeat(300_000) + "{}]}";
    String deep = "{\"a\":" + "[".repeat(500_000) + "}";
    report("100 wide", Attack.repeated(server, 100, LENGTH, whole("POST /workspace", wide)));
    report("100 deep", Attack.repeated(server, 100, LENGTH, whole("POST /workspace", deep)));
  }

  @Test
  void idleAndHalfSent() {
    report("3,000 idle", Attack.sockets(server, 3_000, LENGTH, new byte[0]));
    byte[] half =
        "GET /ping HTTP/1.1\r\nHost: x\r\nX-Half: "
            .concat("x".repeat(4_000))
            .getBytes(StandardCharsets.US_ASCII);
    report("3,000 half heads", Attack.sockets(server, 3_000, LENGTH, half));
    byte[] login = head(Sender.STRANGER, "POST /auth/login", "Content-Length: 16384", 16_000);
    report("3,000 half logins", Attack.sockets(server, 3_000, LENGTH, login));
  }

  @Test
  void slowSenders() {
    byte[] head = head(Sender.USER, "POST /workspace", "Content-Length: " + MEGABYTE, 0);
    report("1,000 slow senders", Attack.dripping(server, 1_000, LENGTH, head));
  }

  @Test
  void burstsThatLeave_memoryAndThreadsComeDownWithinAMinute() {
    long rss = server.figure("VmRSS");
    String open = RawWebSocket.opening("/socket.io/?EIO=4&transport=websocket");
    report("4,000 WebSockets", Attack.sockets(server, 4_000, LENGTH, ascii(open)));
    String get = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";
    // Some 130 KB for each of 4,000 at once are work for seconds, in which a ping has its turn.
    report("4,000 readers", Attack.repeated(server, 4_000, LENGTH, ascii(get)), 15_000);
    long most = server.figure("VmRSS");
    long left = System.nanoTime();
    Await.until(
        Duration.ofSeconds(60),
        () -> server.figure("Threads") < 40 && server.figure("VmRSS") < NEAR * restingRss,
        () -> server.figure("Threads") + " threads, " + server.figure("VmRSS") / 1024 + " MB");
    System.out.printf(
        "RSS before %d MB, most %d MB, %d s after it %d MB; %d threads%n",
        rss / 1024,
        most / 1024,
        (System.nanoTime() - left) / 1_000_000_000,
        server.figure("VmRSS") / 1024,
        server.figure("Threads"));
  }

  private static void report(String what, Runnable attack) {
    report(what, attack, 250);
  }

  /**
   * @param most what 99 of 100 pings may take beside it, in milliseconds on a machine at rest
   */
  private static void report(String what, Runnable attack, long most) {
    Onlooker.Seen seen = onlooker.during(attack);
    System.out.printf(
        "%-50s /ping p50 %d ms, p99 %d ms, max %d ms of %d; RSS %d MB, %d threads%n",
        what,
        seen.percentile(50),
        seen.percentile(99),
        seen.percentile(100),
        seen.count(),
        server.figure("VmRSS") / 1024,
        server.figure("Threads"));
    assertThat(seen.failures()).isEmpty();
    assertThat(seen.percentile(99)).isLessThanOrEqualTo((long) (most * othersLoad));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] head(Sender sender, String route, String header, int size) {
    String authorization = sender == Sender.USER ? "Authorization: Bearer " + token + "\r\n" : "";
    String head = route + " HTTP/1.1\r\nHost: x\r\n" + authorization + header + "\r\n";
    return (head + (header.contains("\r\n\r\n") ? "" : "\r\n") + " ".repeat(size))
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] whole(String route, String body) {
    byte[] head = head(Sender.USER, route, "Content-Length: " + body.length(), 0);
    return (new String(head, StandardCharsets.US_ASCII) + body).getBytes(StandardCharsets.US_ASCII);
  }
}
