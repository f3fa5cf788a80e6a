package io.coterie.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.model.Cancellation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tools of a program, which was built with the official SDK. */
class McpProgramsTest {

  private static final ToolServer PROGRAM = new ToolServer(null, ToolProgram.stdioCommand(), false);

  @TempDir static Path folder;
  private static McpServers servers;

  @BeforeAll
  static void make() {
    servers = new McpServers(folder, Duration.ofSeconds(30), Duration.ofSeconds(20));
  }

  @AfterAll
  static void close() {
    servers.close();
  }

  @Test
  void list_program_hasNamesDescriptionsAndSchemas() throws Exception {
    List<Tool> tools = servers.list(PROGRAM, new Cancellation());
    assertThat(tools).extracting(Tool::name).contains("add", "echo", "slow", "env");
    Tool add = tools.stream().filter(tool -> tool.name().equals("add")).findFirst().orElseThrow();
    assertThat(add.description()).isEqualTo("Adds two numbers.");
    assertThat(add.inputSchema().at("/properties/a/type").asText()).isEqualTo("number");
    assertThat(add.inputSchema().at("/required/1").asText()).isEqualTo("b");
  }

  @Test
  void call_program_answers() throws Exception {
    assertThat(call("add", "{\"a\":19,\"b\":23}")).isEqualTo(new ToolResult("42.0", false));
    assertThat(call("echo", "{\"text\":\"ä € 😀\\nline\"}").text()).isEqualTo("ä € 😀\nline");
  }

  @Test
  void call_toolThatFails_saysSo() throws Exception {
    assertThat(call("fail", "")).isEqualTo(new ToolResult("It did not work.", true));
  }

  @Test
  void call_unknownTool_throwsTheServersWords() {
    assertThatThrownBy(() -> call("nothing", "{}"))
        .isInstanceOf(ToolException.class)
        .hasMessageStartingWith("The program java refused: ");
  }

  @Test
  void call_argumentsThatAreNoObject_throws() {
    for (String bad : List.of("[1]", "{\"a\":", "{} {}", "42", "null")) {
      assertThatThrownBy(() -> call("echo", bad))
          .isInstanceOf(ToolException.class)
          .hasMessage("The arguments of a tool must be a JSON object.");
    }
  }

  @Test
  void call_picture_isNamed() throws Exception {
    assertThat(call("picture", "{}").text()).isEqualTo("Look:\n[image, image/png, 12 kB]");
  }

  @Test
  void call_structuredResultWithoutText_isJson() throws Exception {
    assertThat(call("data", "{}").text()).isEqualTo("{\"answer\":42}");
  }

  @Test
  void call_longText_isCutAndSaysSo() throws Exception {
    String text = call("big", "{\"length\":3000000}").text();
    assertThat(text)
        .hasSizeBetween(99_000, 100_000)
        .endsWith("[cut here: it was 3000000 characters long]");
  }

  @Test
  void call_program_knowsNoneOfOurSecrets() throws Exception {
    Set<String> allowed = new HashSet<>(Program.INHERITED);
    for (String name : call("env", "{}").text().split(" ")) {
      assertThat(allowed.contains(name) || name.startsWith("LC_")).as(name).isTrue();
    }
    assertThat(System.getenv().keySet())
        .as("something to hide")
        .anyMatch(n -> !allowed.contains(n));
  }

  @Test
  void call_program_runsInTheGivenFolder() throws Exception {
    assertThat(Path.of(call("folder", "{}").text()).toRealPath()).isEqualTo(folder.toRealPath());
  }

  @Test
  void call_programThatFloodsItsErrorStream_answers() throws Exception {
    assertThat(call("flood", "{}").text()).isEqualTo("flooded");
  }

  @Test
  void call_serverAsksBack_isAnswered() throws Exception {
    assertThat(call("ping", "{}").text()).isEqualTo("true");
  }

  @Test
  void list_changed_isAskedAgain() throws Exception {
    List<Tool> before = servers.list(PROGRAM, new Cancellation());
    assertThat(servers.list(PROGRAM, new Cancellation())).isSameAs(before);
    call("grow", "{\"name\":\"fresh\"}");
    Waiting.until(
        () ->
            servers.list(PROGRAM, new Cancellation()).stream()
                .anyMatch(tool -> tool.name().equals("fresh")));
    assertThat(call("fresh", "{}").text()).isEqualTo("new");
  }

  @Test
  void call_cancelled_returnsAtOnceAndTellsTheServer() throws Exception {
    int before = Integer.parseInt(call("cancellations", "{}").text());
    for (int round = 1; round <= 30; round++) {
      Cancellation cancellation = new Cancellation();
      CompletableFuture<ToolResult> slow =
          Waiting.async(() -> Waiting.result(servers, PROGRAM, "slow", cancellation));
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
  void call_cancelledBefore_asksNothing() throws Exception {
    Cancellation cancellation = new Cancellation();
    cancellation.cancel();
    String pid = call("pid", "{}").text();
    assertThatThrownBy(() -> servers.call(PROGRAM, "crash", "{}", cancellation))
        .isInstanceOf(CancellationException.class);
    assertThat(call("pid", "{}").text()).isEqualTo(pid);
  }

  @Test
  void call_many_runSideBySide() throws Exception {
    List<CompletableFuture<ToolResult>> calls = new ArrayList<>();
    Cancellation cancellation = new Cancellation();
    for (int i = 0; i < 5; i++) {
      calls.add(Waiting.async(() -> Waiting.result(servers, PROGRAM, "slow", cancellation)));
    }
    Waiting.until(() -> call("waiting", "{}").text().equals("5"));
    cancellation.cancel();
    for (CompletableFuture<ToolResult> slow : calls) {
      assertThat(Waiting.failure(slow)).isInstanceOf(CancellationException.class);
    }
  }

  @Test
  void call_firstTwoAtOnce_startOneProgram() throws Exception {
    for (int round = 0; round < 5; round++) {
      try (McpServers fresh =
          new McpServers(folder, Duration.ofSeconds(30), Duration.ofSeconds(20))) {
        CountDownLatch go = new CountDownLatch(1);
        List<CompletableFuture<String>> pids = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          pids.add(
              Waiting.async(
                  () -> {
                    Waiting.quietly(() -> go.await(10, TimeUnit.SECONDS));
                    return Waiting.result(fresh, PROGRAM, "pid", new Cancellation()).text();
                  }));
        }
        go.countDown();
        Set<String> different = new HashSet<>();
        for (CompletableFuture<String> pid : pids) {
          different.add(pid.get(30, TimeUnit.SECONDS));
        }
        assertThat(different).hasSize(1);
      }
    }
  }

  private static ToolResult call(String tool, String arguments) throws ToolException {
    return servers.call(PROGRAM, tool, arguments, new Cancellation());
  }
}
