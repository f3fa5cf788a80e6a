package io.coterie.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.model.Cancellation;
import io.coterie.net.PublicAddresses;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Servers behind HTTP that are no tool servers, or bad ones. */
class McpHttpBadTest {

  private static final String WHO = "The tool server 127.0.0.1";
  private static final String SSE =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

  @TempDir Path folder;
  private McpServers servers;

  @BeforeEach
  void make() {
    servers = with(Duration.ofSeconds(20), Duration.ofSeconds(20));
  }

  @AfterEach
  void close() {
    servers.close();
  }

  @ParameterizedTest
  @CsvSource({
    "500 Internal Server Error, answered with the status 500.",
    "404 Not Found, answered with the status 404.",
    "401 Unauthorized, wants a login that Coterie cannot give.",
    "403 Forbidden, wants a login that Coterie cannot give.",
    "204 No Content, does not answer as a tool server does.",
    "202 Accepted, does not answer as a tool server does."
  })
  void list_status_isSaidInWords(String status, String words) throws Exception {
    try (RawServer server = new RawServer((call, out) -> RawServer.status(out, status, ""))) {
      assertFails(server, WHO + " " + words);
    }
  }

  @Test
  void list_redirect_isNotFollowed() throws Exception {
    try (RawServer target = new RawServer(RawServer.WELL_BEHAVED);
        RawServer server =
            new RawServer(
                (call, out) ->
                    RawServer.status(
                        out, "307 Temporary Redirect", "Location: " + target.url() + "\r\n"))) {
      assertFails(server, WHO + " sends elsewhere, where Coterie does not follow.");
      assertThat(target.connections()).isZero();
    }
  }

  @Test
  void list_page_isNoToolServer() throws Exception {
    String page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p/>";
    try (RawServer server = new RawServer((call, out) -> RawServer.write(out, page))) {
      assertFails(server, WHO + " does not answer as a tool server does.");
    }
  }

  @Test
  void list_nonsense_isNotUnderstood() throws Exception {
    for (String bad :
        List.of("{", "[]", "{}", "null", "\"x\"", "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}")) {
      try (RawServer server = new RawServer((call, out) -> RawServer.json(out, bad))) {
        assertFails(server, WHO + " gave an answer that Coterie does not understand.");
      }
    }
  }

  @Test
  void list_unknownVersion_isSaidInWords() throws Exception {
    String old = RawServer.GREETING.replace("2025-06-18", "1999-01-01");
    try (RawServer server = new RawServer((call, out) -> RawServer.json(out, call.answer(old)))) {
      assertFails(server, WHO + " speaks no version of the protocol that Coterie knows.");
    }
  }

  @Test
  void list_silence_endsInTime() throws Exception {
    servers.close();
    servers = with(Duration.ofSeconds(20), Duration.ofMillis(300));
    try (RawServer server = new RawServer((call, out) -> {})) {
      assertFails(server, WHO + " did not answer within 300 milliseconds.");
    }
  }

  @Test
  void list_endlessBody_isCutOff() throws Exception {
    String type = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
    try (RawServer server = new RawServer((call, out) -> endless(out, type))) {
      assertFails(server, WHO + " sent a message that is too long.");
    }
  }

  @Test
  void list_endlessEvent_isCutOff() throws Exception {
    String type = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: ";
    try (RawServer server = new RawServer((call, out) -> endless(out, type))) {
      assertFails(server, WHO + " sent a message that is too long.");
    }
  }

  @Test
  void list_streamThatEndsEarly_failsAtOnce() throws Exception {
    RawServer.Script script =
        (call, out) -> {
          if (call.asks("initialize")) {
            RawServer.WELL_BEHAVED.answer(call, out);
          } else if (call.asks("tools/list")) {
            RawServer.write(out, SSE + chunk(": wait\n\ndata: {\"jsonrpc\":\"2.0\","));
            throw new IOException("enough");
          } else {
            RawServer.status(out, "202 Accepted", "");
          }
        };
    try (RawServer server = new RawServer(script)) {
      assertFails(server, WHO + " ended its answer before it was whole.");
    }
  }

  @Test
  void list_streamThatEndsWithoutAnswer_failsAtOnce() throws Exception {
    try (RawServer server = new RawServer((call, out) -> RawServer.write(out, SSE + "0\r\n\r\n"))) {
      assertFails(server, WHO + " ended its answer before it was whole.");
    }
  }

  @Test
  void list_hungServer_holdsUpNobodyElse() throws Exception {
    List<CompletableFuture<Void>> waiting = new ArrayList<>();
    try (RawServer hung = new RawServer((call, out) -> {});
        RawServer well = new RawServer(RawServer.WELL_BEHAVED)) {
      for (int i = 0; i < 30; i++) {
        waiting.add(
            CompletableFuture.runAsync(
                () -> Waiting.quietly(() -> servers.list(hung.server(), new Cancellation()))));
      }
      assertThat(call(well)).isEqualTo("done");
      assertThat(waiting).noneMatch(CompletableFuture::isDone);
    }
  }

  private static void endless(OutputStream out, String head) throws IOException {
    RawServer.write(out, head);
    byte[] block = " ".repeat(64 * 1024).getBytes(StandardCharsets.UTF_8);
    while (true) {
      out.write(block);
    }
  }

  private static String chunk(String text) {
    return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
  }

  private void assertFails(RawServer server, String words) {
    long start = System.nanoTime();
    assertThatThrownBy(() -> servers.list(server.server(), new Cancellation()))
        .isInstanceOf(ToolException.class)
        .hasMessage(words);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  private String call(RawServer server) throws ToolException {
    return servers.call(server.server(), "one", "{}", new Cancellation()).text();
  }

  private McpServers with(Duration call, Duration start) {
    return new McpServers(
        folder,
        new McpServers.Limits(
            call, start, Duration.ofMinutes(1), Duration.ofSeconds(1), Duration.ofMinutes(5)),
        InetAddress::getAllByName,
        PublicAddresses::contains);
  }
}
