package io.coterie.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.model.Cancellation;
import io.coterie.net.PublicAddresses;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that are no tool servers, or bad ones. */
class BadProgramsTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path folder;
  private McpServers servers;

  @BeforeEach
  void make() {
    servers = with(LONG, LONG);
  }

  @AfterEach
  void close() throws Exception {
    servers.close();
    Waiting.until(() -> ProcessHandle.current().descendants().noneMatch(ProcessHandle::isAlive));
  }

  @ParameterizedTest
  @ValueSource(strings = {"no-such-program", "/no/such/folder/no-such-program", "no\0such"})
  void list_unknownCommand_saysSoByNameAlone(String command) {
    String name = command.replace("/no/such/folder/", "").replace('\0', ' ');
    assertThatThrownBy(() -> list(new ToolServer(null, List.of(command, "secret"), false)))
        .isInstanceOf(ToolException.class)
        .hasMessage("The program " + name + " could not be started.");
  }

  @Test
  void list_emptyCommand_saysSo() {
    for (List<String> command : List.of(List.<String>of(), List.of(""))) {
      assertThatThrownBy(() -> list(new ToolServer(null, command, false)))
          .isInstanceOf(ToolException.class)
          .hasMessageEndingWith("could not be started.");
    }
  }

  @Test
  void list_programThatEndsAtOnce_failsAtOnce() {
    long start = System.nanoTime();
    assertThatThrownBy(() -> list(ShellServer.of("exit 3")))
        .isInstanceOf(ToolException.class)
        .hasMessage("The program sh has ended.");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void list_bannersAndGarbageAmongTheMessages_areOverlooked() throws Exception {
    String script =
        "echo 'Welcome to my server!'; echo; printf '\\001\\377\\376\\n'; echo '{\"level\":\"info\"}';"
            + " echo '{'; echo '[]'; echo '{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":{}}';"
            + " echo '{\"jsonrpc\":\"2.0\",\"id\":\"other\",\"result\":{}}';"
            + " echo '{\"jsonrpc\":\"2.0\",\"method\":\"notifications/unheard\"}';"
            + " greet; echo ready; "
            + " reply '{\"tools\":[{\"name\":\"one\",\"inputSchema\":{}}]}'; cat";
    assertThat(list(ShellServer.of(script))).extracting(Tool::name).containsExactly("one");
  }

  @Test
  void list_programThatSaysNothing_endsInTime() {
    servers = with(LONG, Duration.ofMillis(300));
    assertThatThrownBy(() -> list(ShellServer.of("cat > /dev/null")))
        .isInstanceOf(ToolException.class)
        .hasMessage("The program sh did not answer within 300 milliseconds.");
  }

  @Test
  void list_endlessLine_isCutOff() {
    assertThatThrownBy(() -> list(ShellServer.of("cat /dev/zero | tr '\\0' x")))
        .isInstanceOf(ToolException.class)
        .hasMessage("The program sh sent a message that is too long.");
  }

  @Test
  void list_endlessLines_areNotKept() {
    servers = with(LONG, Duration.ofSeconds(2));
    assertThatThrownBy(() -> list(ShellServer.of("yes banner")))
        .isInstanceOf(ToolException.class)
        .hasMessage("The program sh did not answer within 2 seconds.");
  }

  @Test
  void call_programThatDoesNotRead_holdsUpNobody() throws Exception {
    servers = with(Duration.ofSeconds(2), LONG);
    ToolServer deaf = ShellServer.of("answer; sleep 1000");
    assertThat(list(deaf)).isEmpty();
    String large = "{\"text\":\"" + "x".repeat(9_000_000) + "\"}";
    long start = System.nanoTime();
    CompletableFuture<Throwable> first = failing(deaf, large);
    CompletableFuture<Throwable> second = failing(deaf, large);
    CompletableFuture<Throwable> third = failing(deaf, large);
    assertThat(
            List.of(
                first.join().getMessage(), second.join().getMessage(), third.join().getMessage()))
        .contains("The program sh did not answer within 2 seconds.");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void call_outputClosedWhileRunning_failsAtOnceAndStartsAnew() throws Exception {
    ToolServer closing = ShellServer.of("greet; read -r call; exec >&-; sleep 1000");
    for (int round = 0; round < 2; round++) {
      assertThatThrownBy(() -> servers.call(closing, "any", "{}", new Cancellation()))
          .isInstanceOf(ToolException.class)
          .hasMessage("The program sh has ended.");
    }
  }

  @Test
  void call_answerJustBeforeTheEnd_isTaken() throws Exception {
    ToolServer once =
        ShellServer.of(
            "greet; reply '{\"content\":[{\"type\":\"text\",\"text\":\"last words\"}]}'");
    for (int round = 0; round < 30; round++) {
      ToolResult result = servers.call(once, "any", "{}", new Cancellation());
      assertThat(result.text()).isEqualTo("last words");
      // Until then it could take a call that it will not read.
      Waiting.until(() -> ProcessHandle.current().children().noneMatch(ProcessHandle::isAlive));
    }
  }

  @Test
  void list_toolsWithoutNameOrSchema_areLeftOut() throws Exception {
    String tools =
        "{\"tools\":[{\"name\":\"\",\"inputSchema\":{}},{\"inputSchema\":{}},{\"name\":\"a\"},"
            + "{\"name\":\"b\",\"inputSchema\":[]},{\"name\":\"c\",\"inputSchema\":{\"type\":\"array\"}},"
            + "{\"name\":7,\"inputSchema\":{}},7,{\"name\":\"x y\",\"inputSchema\":{}},"
            + "{\"name\":\"x y\",\"description\":\"again\",\"inputSchema\":{}},"
            + "{\"name\":\"with\\\\ttab\",\"inputSchema\":{}},"
            + "{\"name\":\"z\",\"title\":\"Zed\",\"inputSchema\":{\"type\":\"object\",\"$defs\":{}}}]}";
    List<Tool> list = list(ShellServer.of("greet; reply '" + tools + "'; cat"));
    assertThat(list).extracting(Tool::name).containsExactly("x y", "z");
    assertThat(list).extracting(Tool::description).containsExactly("", "Zed");
    assertThat(list.get(0).inputSchema()).hasToString("{\"type\":\"object\"}");
    assertThat(list.get(1).inputSchema()).hasToString("{\"type\":\"object\",\"$defs\":{}}");
  }

  private List<Tool> list(ToolServer server) throws ToolException {
    return servers.list(server, new Cancellation());
  }

  private CompletableFuture<Throwable> failing(ToolServer server, String arguments) {
    return Waiting.async(
        () -> {
          try {
            servers.call(server, "any", arguments, new Cancellation());
            return new AssertionError("it answered");
          } catch (ToolException e) {
            return e;
          }
        });
  }

  private McpServers with(Duration call, Duration start) {
    return new McpServers(
        folder,
        new McpServers.Limits(call, start, LONG, Duration.ofSeconds(1), LONG),
        InetAddress::getAllByName,
        PublicAddresses::contains);
  }
}
