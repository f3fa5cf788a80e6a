package io.coterie.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.model.Cancellation;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bytes of streamable HTTP: what is sent, and servers that answer badly. */
class McpHttpWireTest {

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

  @Test
  void call_session_sendsTheHeadersOfTheProtocolAndSaysGoodbye() throws Exception {
    RawServer.Script script =
        (call, out) -> {
          if (call.asks("initialize")) {
            String more = "MCP-SESSION-ID: s1\r\nSet-Cookie: a=b; Path=/\r\n";
            RawServer.json(out, call.answer(RawServer.GREETING), more);
          } else {
            RawServer.WELL_BEHAVED.answer(call, out);
          }
        };
    try (RawServer server = new RawServer(script)) {
      assertThat(call(server)).isEqualTo("done");
      servers.close();
      List<RawServer.Call> calls = server.calls();
      assertThat(calls)
          .extracting(RawServer.Call::method)
          .containsExactly("POST", "POST", "POST", "DELETE");
      RawServer.Call first = calls.get(0);
      assertThat(first.header("Accept")).isEqualTo("application/json, text/event-stream");
      assertThat(first.header("Content-Type")).isEqualTo("application/json");
      assertThat(first.header("Mcp-Session-Id")).isNull();
      assertThat(first.header("MCP-Protocol-Version")).isNull();
      assertThat(first.body()).contains("\"capabilities\":{}").contains("\"name\":\"coterie\"");
      assertThat(calls).extracting(call -> call.header("Cookie")).containsOnlyNulls();
      for (RawServer.Call later : calls.subList(1, 4)) {
        assertThat(later.header("Mcp-Session-Id")).isEqualTo("s1");
        assertThat(later.header("MCP-Protocol-Version")).isEqualTo("2025-06-18");
      }
    }
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
  void call_answerAmongOtherEvents_isFound() throws Exception {
    RawServer.Script script =
        (call, out) -> {
          if (call.asks("tools/call")) {
            String answer = call.answer("{\"content\":[{\"type\":\"text\",\"text\":\"über\"}]}");
            RawServer.write(out, SSE);
            String events =
                ": hello\r\nid: 1\r\ndata:\r\n\r\nevent: other\ndata: {}\n\n"
                    + "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{}}\n\n"
                    + "event: message\rdata: "
                    + answer.substring(0, 17)
                    + "\rdata:"
                    + answer.substring(17)
                    + "\r\r";
            for (byte piece : events.getBytes(StandardCharsets.UTF_8)) {
              out.write(new byte[] {'1', '\r', '\n', piece, '\r', '\n'});
              out.flush();
            }
            // The stream stays open, which must not keep the answer back.
          } else {
            RawServer.WELL_BEHAVED.answer(call, out);
          }
        };
    try (RawServer server = new RawServer(script)) {
      assertThat(call(server)).isEqualTo("über");
    }
  }

  @Test
  void call_sessionForgotten_isAskedOnceMoreInANewOne() throws Exception {
    for (String status : List.of("404 Not Found", "400 Bad Request")) {
      AtomicInteger sessions = new AtomicInteger();
      RawServer.Script script =
          (call, out) -> {
            if (call.asks("initialize")) {
              String more = "Mcp-Session-Id: s" + sessions.incrementAndGet() + "\r\n";
              RawServer.json(out, call.answer(RawServer.GREETING), more);
            } else if ("s1".equals(call.header("Mcp-Session-Id")) && call.asks("tools/call")) {
              RawServer.status(out, status, "");
            } else {
              RawServer.WELL_BEHAVED.answer(call, out);
            }
          };
      try (RawServer server = new RawServer(script)) {
        assertThat(call(server)).isEqualTo("done");
        assertThat(sessions.get()).isEqualTo(2);
        assertThat(server.calls().stream().filter(c -> c.asks("tools/call"))).hasSize(2);
      }
    }
  }

  @Test
  void call_sessionAlwaysForgotten_failsAfterTheSecondTime() throws Exception {
    RawServer.Script script =
        (call, out) -> {
          if (call.asks("initialize")) {
            RawServer.json(out, call.answer(RawServer.GREETING), "Mcp-Session-Id: s\r\n");
          } else if (call.asks("tools/call")) {
            RawServer.status(out, "404 Not Found", "");
          } else {
            RawServer.WELL_BEHAVED.answer(call, out);
          }
        };
    try (RawServer server = new RawServer(script)) {
      assertThatThrownBy(() -> call(server)).hasMessage(WHO + " has forgotten the session.");
      assertThat(server.calls().stream().filter(c -> c.asks("tools/call"))).hasSize(2);
    }
  }

  @Test
  void call_answerCutShort_isNotAskedAgain() throws Exception {
    RawServer.Script script =
        (call, out) -> {
          if (call.asks("tools/call")) {
            throw new IOException("gone");
          }
          RawServer.WELL_BEHAVED.answer(call, out);
        };
    try (RawServer server = new RawServer(script)) {
      assertThatThrownBy(() -> call(server))
          .hasMessage(WHO + " ended its answer before it was whole.");
      assertThat(server.calls().stream().filter(c -> c.asks("tools/call"))).hasSize(1);
    }
  }

  @Test
  void list_manyPagesAndTools_isBounded() throws Exception {
    RawServer.Script script =
        (call, out) -> {
          if (call.asks("tools/list")) {
            int page = (int) (System.nanoTime() & 0xffffff);
            String tool = "{\"name\":\"t" + page + "\",\"inputSchema\":{}}";
            RawServer.json(out, call.answer("{\"tools\":[" + tool + "],\"nextCursor\":\"more\"}"));
          } else {
            RawServer.WELL_BEHAVED.answer(call, out);
          }
        };
    try (RawServer server = new RawServer(script)) {
      assertThat(servers.list(server.server(), new Cancellation())).hasSizeBetween(90, 100);
      assertThat(server.calls().stream().filter(c -> c.asks("tools/list"))).hasSize(100);
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
