package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.coterie.net.Resolver;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpRegistryTest {

  private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(150);

  private final TestServer server = new TestServer();
  private final Registry registry = registry(LONG, LONG);

  @AfterEach
  void close() {
    server.close();
  }

  private Registry registry(Duration response, Duration whole) {
    return new HttpRegistry(
        server.url() + "/base",
        new HttpDownloads(new HttpDownloads.Timeouts(LONG, response, whole)));
  }

  @Test
  void read_file_isBelowTheBaseWithAndWithoutSlash() throws Exception {
    server.file("/base/pkg/f.zip", HELLO);
    HttpDownloads http = new HttpDownloads(HttpDownloads.Timeouts.DEFAULT);

    assertThat(registry.read("pkg/f.zip", 5)).contains(HELLO);
    assertThat(new HttpRegistry(server.url() + "/base/", http).read("pkg/f.zip", 5))
        .contains(HELLO);
    assertThat(server.requests()).containsOnly("/base/pkg/f.zip");
  }

  @Test
  void read_404_isEmpty() throws Exception {
    assertThat(registry.read("f", 5)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 407, 410, 429, 500, 503, 599})
  void read_errorStatus_isPassedOn(int status) {
    server.status("/base/f", status);

    RegistryException e = failure("f");
    assertThat(e.status()).isEqualTo(status);
    assertThat(e).hasMessage("the registry answered " + status);
  }

  @Test
  void read_statusThatIsNone_is502() {
    server.status("/base/f", 999);
    assertThat(failure("f").status()).isEqualTo(502);
  }

  @ParameterizedTest
  @ValueSource(ints = {300, 304})
  void read_redirectWithoutATarget_is502(int status) {
    server.status("/base/f", status);
    assertThat(failure("f").status()).isEqualTo(502);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void read_redirectWithinTheScheme_isFollowed(int status) throws Exception {
    try (TestServer other = new TestServer()) {
      other.file("/else", HELLO);
      server.redirect("/base/f", status, "g").redirect("/base/g", status, other.url() + "/else");

      assertThat(registry.read("f", 5)).contains(HELLO);
    }
  }

  @Test
  void read_redirectTo404_isEmpty() throws Exception {
    server.redirect("/base/f", 302, "/gone");
    assertThat(registry.read("f", 5)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://127.0.0.1/f",
        "file:///etc/hostname",
        "ftp://127.0.0.1/f",
        "http:",
        "http:///f",
        "http://127.0.0.1:99999/f",
        "%zz"
      })
  void read_redirectElsewhere_is502(String location) {
    server.redirect("/base/f", 302, location);

    RegistryException e = failure("f");
    assertThat(e.status()).isEqualTo(502);
    assertThat(e).hasMessage("the registry redirected elsewhere");
  }

  /** Public here is 127.0.0.2 alone. */
  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1:%d/else", "http://named.example:%d/else"})
  void read_redirectFromAPublicAddressToAnother_isNotFollowed(String target) throws Exception {
    InetAddress good = InetAddress.getByName("127.0.0.2");
    Resolver names =
        host -> new InetAddress[] {InetAddress.getByName(host.endsWith(".2") ? host : "127.0.0.1")};
    try (TestServer other = new TestServer();
        ServerSocket socket = new ServerSocket(0, 1, good);
        HttpDownloads http =
            new HttpDownloads(HttpDownloads.Timeouts.DEFAULT, names, good::equals)) {
      other.file("/else", HELLO);
      String location = target.formatted(URI.create(other.url()).getPort());
      String answer =
          "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n";
      var unused =
          CompletableFuture.runAsync(() -> serve(socket, answer), HttpRegistryTest::onItsOwnThread);

      RegistryException e =
          failure(new HttpRegistry("http://127.0.0.2:" + socket.getLocalPort(), http), "f");
      assertThat(e.status()).isEqualTo(502);
      assertThat(e).hasMessage("the registry redirected elsewhere");
      assertThat(other.requests()).isEmpty();
    }
  }

  @Test
  void read_fiveRedirects_areFollowedAndSixAreNot() throws Exception {
    for (int i = 0; i < 6; i++) {
      server.redirect("/base/" + i, 302, "/base/" + (i + 1));
    }
    server.file("/base/6", HELLO);

    assertThat(registry.read("1", 5)).contains(HELLO);
    assertThat(failure("0").getMessage()).isEqualTo("the registry redirected too often");
  }

  @Test
  void read_redirectLoop_is502() {
    server.redirect("/base/f", 302, "/base/f");

    assertThat(failure("f").status()).isEqualTo(502);
    assertThat(server.requests()).hasSize(6);
  }

  @Test
  void read_bodyThatNeverEnds_isRefusedAndCutOff() throws Exception {
    server.endless("/base/f", 200);
    refused("f", 1 << 20, "the registry sent more than 1 MB");
    server.hungUp().get(20, TimeUnit.SECONDS);
  }

  @Test
  void read_sizeAnnouncedOverTheLimit_isRefused() {
    server.file("/base/f", new byte[(1 << 20) + 1]);
    refused("f", 1 << 20, "the registry sent more than 1 MB");
  }

  @Test
  void read_errorWithEndlessBody_isTheErrorAtOnce() throws Exception {
    server.endless("/base/f", 500);
    assertThat(failure("f").status()).isEqualTo(500);
    server.hungUp().get(20, TimeUnit.SECONDS);
  }

  @Test
  void read_fewerBytesThanAnnounced_is502() throws Exception {
    try (RawServer raw = new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhello")) {
      RegistryException e = raw.failure();
      assertThat(e.status()).isEqualTo(502);
      assertThat(e).hasMessage("the connection to the registry broke off");
    }
  }

  @Test
  void read_moreBytesThanAnnounced_areNotRead() throws Exception {
    try (RawServer raw = new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello")) {
      assertThat(raw.registry.read("f", 5)).contains("he".getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void read_chunksThatLie_are502() throws Exception {
    String head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    try (RawServer raw = new RawServer(head + "5\r\nhello\r\n5\r\nhel")) {
      assertThat(raw.failure().status()).isEqualTo(502);
    }
    try (RawServer raw = new RawServer(head + "zz\r\nhello\r\n")) {
      assertThat(raw.failure().status()).isEqualTo(502);
    }
  }

  @Test
  void read_noHttpAtAll_is502() throws Exception {
    try (RawServer raw = new RawServer("SSH-2.0-OpenSSH\r\n\r\n")) {
      assertThat(raw.failure().status()).isEqualTo(502);
    }
  }

  @Test
  void read_nobodyListens_is502() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    HttpDownloads http = new HttpDownloads(HttpDownloads.Timeouts.DEFAULT);
    RegistryException e = failure(new HttpRegistry("http://127.0.0.1:" + port, http), "f");
    assertThat(e.status()).isEqualTo(502);
    assertThat(e).hasMessage("the registry could not be reached");
  }

  @Test
  void read_httpsWithAServerThatSpeaksNone_is502() throws Exception {
    RegistryException e = helloAnswered("HTTP/1.1 400 Bad Request\r\n\r\n", LONG);
    assertThat(e.status()).isEqualTo(502);
    assertThat(e).hasMessage("no secure connection to the registry could be made");
  }

  @Test
  void read_httpsWithAServerThatRefusesTheHandshake_is502() throws Exception {
    String alert = "\u0015\u0003\u0003\u0000\u0002\u0002\u0028"; // fatal, handshake_failure
    RegistryException e = helloAnswered(alert, LONG);
    assertThat(e.status()).isEqualTo(502);
    assertThat(e).hasMessage("no secure connection to the registry could be made");
  }

  /** What comes of https where a client's first message is answered with that and no more. */
  private static RegistryException helloAnswered(String answer, Duration patience)
      throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var unused =
          CompletableFuture.runAsync(
              () -> answerHello(socket, answer), HttpRegistryTest::onItsOwnThread);
      HttpDownloads http =
          new HttpDownloads(new HttpDownloads.Timeouts(patience, patience, patience));
      return failure(new HttpRegistry("https://127.0.0.1:" + socket.getLocalPort(), http), "f");
    }
  }

  private static void answerHello(ServerSocket socket, String answer) {
    try (var client = socket.accept()) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      in.readNBytes(3);
      in.readNBytes(in.readUnsignedShort());
      client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void read_serverThatDoesNotAnswer_is502AfterTheResponseTimeout() {
    server.silent("/base/f");
    tooSlow(registry(SHORT, LONG));
  }

  @Test
  void read_serverThatStallsInTheBody_is502AfterTheWholeTimeout() {
    server.stalling("/base/f");
    tooSlow(registry(LONG, SHORT));
  }

  @Test
  void read_redirectToAServerThatDoesNotAnswer_is502AfterTheWholeTimeout() {
    server.redirect("/base/f", 302, "/slow").silent("/slow");
    tooSlow(registry(LONG, SHORT));
  }

  private static void tooSlow(Registry registry) {
    RegistryException e = failure(registry, "f");
    assertThat(e.status()).isEqualTo(502);
    assertThat(e).hasMessage("the registry took too long to answer");
  }

  private RegistryException failure(String path) {
    return failure(registry, path);
  }

  private static RegistryException failure(Registry registry, String path) {
    RegistryException e =
        catchThrowableOfType(RegistryException.class, () -> registry.read(path, 1 << 20));
    assertThat(e).isNotNull();
    return e;
  }

  private void refused(String path, int maxBytes, String message) {
    assertThat(catchThrowableOfType(RefusedException.class, () -> registry.read(path, maxBytes)))
        .hasMessage(message);
  }

  private static void serve(ServerSocket socket, String answer) {
    try (var client = socket.accept()) {
      // All of the request, lest closing with bytes unread reset the connection.
      BufferedReader request =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
      String line = request.readLine();
      while (line != null && !line.isEmpty()) {
        line = request.readLine();
      }
      client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      // The client hung up first, as some of the answers deserve.
    }
  }

  /** Sends the same bytes to one client, whatever it asks, and hangs up. */
  private static final class RawServer implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final CompletableFuture<Void> served;
    private final Registry registry;

    RawServer(String answer) throws IOException {
      served = CompletableFuture.runAsync(() -> serve(socket, answer));
      registry =
          new HttpRegistry(
              "http://127.0.0.1:" + socket.getLocalPort(),
              new HttpDownloads(HttpDownloads.Timeouts.DEFAULT));
    }

    RegistryException failure() {
      return HttpRegistryTest.failure(registry, "f");
    }

    @Override
    public void close() throws IOException {
      socket.close();
      served.join();
    }
  }

  /** The common pool may be busy with other tests, or have one thread. */
  private static void onItsOwnThread(Runnable work) {
    new Thread(work, "registry").start();
  }
}
