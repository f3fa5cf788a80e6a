package io.coterie.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.model.Cancellation;
import io.coterie.net.PublicAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bytes of streamable HTTP: what is sent, sessions, streams and pages. */
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
  void list_serverSlowToNoteTheHandshake_isNotOvertaken() throws Exception {
    AtomicInteger noted = new AtomicInteger();
    RawServer.Script script =
        (call, out) -> {
          if (call.asks("notifications/initialized")) {
            LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            noted.set(1);
          } else if (call.asks("tools/list") && noted.get() == 0) {
            RawServer.status(out, "400 Bad Request", "");
            return;
          }
          RawServer.WELL_BEHAVED.answer(call, out);
        };
    try (RawServer server = new RawServer(script)) {
      assertThat(servers.list(server.server(), new Cancellation())).hasSize(1);
    }
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
