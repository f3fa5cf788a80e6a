package io.coterie.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.model.Cancellation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tools over streamable HTTP, of a server that was built with the official SDK. */
class McpHttpTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static ToolProgram.Http http;

  @TempDir Path folder;
  private McpServers servers;
  private ToolServer server;

  @BeforeAll
  static void start() {
    http = ToolProgram.startHttp();
  }

  @AfterAll
  static void stop() {
    http.close();
  }

  @BeforeEach
  void make() {
    servers = new McpServers(folder, LONG, LONG);
    server = new ToolServer(http.url(), null, true);
  }

  @AfterEach
  void close() {
    servers.close();
  }

  @Test
  void list_overHttp_hasNamesDescriptionsAndSchemas() throws Exception {
    List<Tool> tools = servers.list(server, new Cancellation());
    assertThat(tools).extracting(Tool::name).contains("add", "echo", "slow", "env");
    assertThat(tools.get(0).inputSchema().path("type").asText()).isEqualTo("object");
  }

  @Test
  void call_overHttp_answers() throws Exception {
    assertThat(call("add", "{\"a\":19,\"b\":23}")).isEqualTo(new ToolResult("42.0", false));
    assertThat(call("echo", "{\"text\":\"ä € 😀\\nline\"}").text()).isEqualTo("ä € 😀\nline");
    assertThat(call("fail", "{}")).isEqualTo(new ToolResult("It did not work.", true));
    assertThat(call("big", "{\"length\":3000000}").text()).hasSizeLessThanOrEqualTo(100_000);
    assertThatThrownBy(() -> call("nothing", "{}"))
        .isInstanceOf(ToolException.class)
        .hasMessageStartingWith("The tool server 127.0.0.1 refused: ");
  }

  @Test
  void call_serverAsksBack_isAnswered() throws Exception {
    assertThat(call("ping", "{}").text()).isEqualTo("true");
  }

  @Test
  void list_changed_isAskedAgain() throws Exception {
    List<Tool> before = servers.list(server, new Cancellation());
    String name = "fresh" + System.nanoTime();
    call("grow", "{\"name\":\"" + name + "\"}");
    Waiting.until(
        () ->
            servers.list(server, new Cancellation()).stream()
                .anyMatch(tool -> tool.name().equals(name)));
    assertThat(before).extracting(Tool::name).doesNotContain(name);
    List<Tool> now = servers.list(server, new Cancellation());
    assertThat(servers.list(server, new Cancellation())).isSameAs(now);
  }

  @Test
  void call_cancelled_returnsAtOnceAndTellsTheServer() throws Exception {
    int before = Integer.parseInt(call("cancellations", "{}").text());
    for (int round = 1; round <= 30; round++) {
      Cancellation cancellation = new Cancellation();
      CompletableFuture<ToolResult> slow =
          Waiting.async(() -> Waiting.result(servers, server, "slow", cancellation));
      Waiting.until(() -> call("waiting", "{}").text().equals("1"));
      long start = System.nanoTime();
      cancellation.cancel();
      assertThat(Waiting.failure(slow)).isInstanceOf(CancellationException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
      Waiting.until(() -> call("waiting", "{}").text().equals("0"));
    }
    Waiting.until(() -> call("cancellations", "{}").text().equals(Integer.toString(before + 30)));
  }

  @Test
  void call_many_runSideBySide() throws Exception {
    Cancellation cancellation = new Cancellation();
    List<CompletableFuture<ToolResult>> calls = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      calls.add(Waiting.async(() -> Waiting.result(servers, server, "slow", cancellation)));
    }
    Waiting.until(() -> call("waiting", "{}").text().equals("5"));
    cancellation.cancel();
    for (CompletableFuture<ToolResult> slow : calls) {
      assertThat(Waiting.failure(slow)).isInstanceOf(CancellationException.class);
    }
    Waiting.until(() -> call("waiting", "{}").text().equals("0"));
  }

  @Test
  void call_serverRestarted_asksOnceMoreInANewSession() throws Exception {
    try (ToolProgram.Http first = ToolProgram.startHttp()) {
      ToolServer restarted = new ToolServer(first.url(), null, true);
      String pid = servers.call(restarted, "pid", "{}", new Cancellation()).text();
      first.close();
      try (ToolProgram.Http second = ToolProgram.startHttp(first.port())) {
        // The new process knows nothing of the session: 404, and nothing was executed.
        ToolResult result = servers.call(restarted, "pid", "{}", new Cancellation());
        assertThat(result.text()).isNotEqualTo(pid).isEqualTo("" + second.process().pid());
      }
      // A call at the very moment may still have gone to the open connection, and says so.
      Waiting.until(
          () ->
              Waiting.failure(
                      Waiting.async(
                          () -> Waiting.result(servers, restarted, "pid", new Cancellation())))
                  .getMessage()
                  .equals("The tool server 127.0.0.1 could not be reached."));
    }
  }

  @Test
  void call_serverDiesDuringTheCall_failsAtOnce() throws Exception {
    try (ToolProgram.Http mortal = ToolProgram.startHttp()) {
      ToolServer dying = new ToolServer(mortal.url(), null, true);
      long start = System.nanoTime();
      assertThatThrownBy(() -> servers.call(dying, "crash", "{}", new Cancellation()))
          .isInstanceOf(ToolException.class)
          .hasMessage("The tool server 127.0.0.1 ended its answer before it was whole.");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void call_loopbackForOthersThanAdmins_isRefused() {
    ToolServer restricted = new ToolServer(http.url(), null, false);
    assertThatThrownBy(() -> servers.call(restricted, "pid", "{}", new Cancellation()))
        .isInstanceOf(ToolException.class)
        .hasMessage(HttpAnswer.FORBIDDEN);
  }

  private ToolResult call(String tool, String arguments) throws ToolException {
    return servers.call(server, tool, arguments, new Cancellation());
  }
}
