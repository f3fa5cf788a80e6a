package io.coterie.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.model.Cancellation;
import io.coterie.net.PublicAddresses;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How programs start, die, are started anew and stopped. */
class McpLivesTest {

  private static final ToolServer PROGRAM = new ToolServer(null, ToolProgram.stdioCommand(), false);
  private static final Duration LONG = Duration.ofSeconds(20);

  @TempDir Path folder;
  private McpServers servers;

  @AfterEach
  void close() {
    if (servers != null) {
      servers.close();
    }
  }

  @Test
  void call_crash_failsAtOnceAndTheNextStartsAnew() throws Exception {
    servers = new McpServers(folder, LONG, LONG);
    for (int round = 0; round < 3; round++) {
      String pid = call(PROGRAM, "pid");
      long start = System.nanoTime();
      assertThatThrownBy(() -> call(PROGRAM, "crash"))
          .isInstanceOf(ToolException.class)
          .hasMessage("The program java has ended.");
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
      assertThat(call(PROGRAM, "pid")).isNotEqualTo(pid);
    }
  }

  @Test
  void call_programKilledBetweenCalls_startsAnew() throws Exception {
    servers = new McpServers(folder, LONG, LONG);
    String pid = call(PROGRAM, "pid");
    ProcessHandle handle = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    handle.destroyForcibly();
    handle.onExit().join();
    // The very moment after: whether its end has been noticed already or not.
    assertThat(call(PROGRAM, "pid")).isNotEqualTo(pid);
    List<Tool> tools = servers.list(PROGRAM, new Cancellation());
    assertThat(tools).isNotEmpty();
  }

  @Test
  void call_othersDuringACrash_failAtOnce() throws Exception {
    servers = new McpServers(folder, LONG, LONG);
    CompletableFuture<ToolResult> slow =
        Waiting.async(() -> Waiting.result(servers, PROGRAM, "slow", new Cancellation()));
    Waiting.until(() -> call(PROGRAM, "waiting").equals("1"));
    assertThatThrownBy(() -> call(PROGRAM, "crash")).isInstanceOf(ToolException.class);
    assertThat(Waiting.failure(slow)).hasMessage("The program java has ended.");
  }

  @Test
  void close_programWithChildren_leavesNobody() throws Exception {
    servers = new McpServers(folder, LONG, LONG);
    long pid = Long.parseLong(call(PROGRAM, "pid"));
    long child = Long.parseLong(call(PROGRAM, "children"));
    assertThat(isRunning(pid) && isRunning(child)).isTrue();
    servers.close();
    assertThat(isRunning(pid)).isFalse();
    Waiting.until(() -> !isRunning(child));
    assertThatThrownBy(() -> call(PROGRAM, "pid"))
        .isInstanceOf(ToolException.class)
        .hasMessage(McpServers.STOPPED);
  }

  @Test
  void close_programThatIgnoresIt_isKilled() throws Exception {
    servers = new McpServers(folder, LONG, LONG);
    ToolServer stubborn = ShellServer.of("trap '' TERM; answer; while true; do sleep 0.2; done");
    assertThat(servers.list(stubborn, new Cancellation())).isEmpty();
    List<ProcessHandle> before = ProcessHandle.current().children().toList();
    assertThat(before).isNotEmpty();
    servers.close();
    Waiting.until(() -> before.stream().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void close_duringStart_endsTheProgramAndItsCallers() throws Exception {
    servers = new McpServers(folder, LONG, LONG);
    ToolServer silent = ShellServer.of("sleep 1000");
    CompletableFuture<ToolResult> waiting =
        Waiting.async(() -> Waiting.result(servers, silent, "any", new Cancellation()));
    Waiting.until(() -> ProcessHandle.current().children().findAny().isPresent());
    servers.close();
    assertThat(Waiting.failure(waiting)).isInstanceOf(ToolException.class);
    Waiting.until(() -> ProcessHandle.current().descendants().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void call_longUnused_wasStoppedAndStartsAnew() throws Exception {
    servers = with(LONG, LONG, Duration.ofMillis(100));
    long pid = Long.parseLong(call(PROGRAM, "pid"));
    Waiting.until(() -> !isRunning(pid));
    assertThat(call(PROGRAM, "pid")).isNotEqualTo(Long.toString(pid));
  }

  @Test
  void call_timesOut_saysSoTellsTheServerAndLeavesItUsable() throws Exception {
    servers = with(Duration.ofSeconds(2), LONG, LONG);
    String pid = call(PROGRAM, "pid");
    assertThatThrownBy(() -> call(PROGRAM, "slow"))
        .isInstanceOf(ToolException.class)
        .hasMessage("The program java did not answer within 2 seconds.");
    Waiting.until(() -> call(PROGRAM, "cancellations").equals("1"));
    assertThat(call(PROGRAM, "pid")).isEqualTo(pid);
  }

  @Test
  void call_hungProgram_isReplaced() throws Exception {
    servers = with(Duration.ofSeconds(1), LONG, LONG);
    String pid = call(PROGRAM, "pid");
    new ProcessBuilder("kill", "-STOP", pid).start().waitFor();
    assertThatThrownBy(() -> call(PROGRAM, "echo")).hasMessageContaining("did not answer within");
    Waiting.until(() -> !isRunning(Long.parseLong(pid)));
    assertThat(call(PROGRAM, "pid")).isNotEqualTo(pid);
  }

  @Test
  void close_replacedProgramThatIsStillUsed_isStoppedToo() throws Exception {
    servers = with(Duration.ofSeconds(2), LONG, LONG);
    String pid = call(PROGRAM, "pid");
    new ProcessBuilder("kill", "-STOP", pid).start().waitFor();
    for (int i = 0; i < 20; i++) {
      // One after the other gives up, so that some are waiting when the program is replaced.
      Duration wait = Duration.ofMillis(200L * i);
      var unused =
          CompletableFuture.supplyAsync(
              () -> Waiting.result(servers, PROGRAM, "echo", new Cancellation()),
              CompletableFuture.delayedExecutor(
                  wait.toMillis(), TimeUnit.MILLISECONDS, Waiting.THREADS));
    }
    Waiting.until(() -> !pid.equals(callOr(PROGRAM, "pid", pid)));
    servers.close();
    assertThat(isRunning(Long.parseLong(pid))).isFalse();
    Waiting.until(() -> ProcessHandle.current().children().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void call_cancelledDuringStart_returnsAtOnce() throws Exception {
    servers = new McpServers(folder, LONG, LONG);
    ToolServer silent = ShellServer.of("sleep 1000");
    Cancellation cancellation = new Cancellation();
    CompletableFuture<ToolResult> waiting =
        Waiting.async(() -> Waiting.result(servers, silent, "any", cancellation));
    Waiting.until(() -> ProcessHandle.current().children().findAny().isPresent());
    cancellation.cancel();
    assertThat(Waiting.failure(waiting)).isInstanceOf(CancellationException.class);
  }

  private McpServers with(Duration call, Duration start, Duration idle) {
    return new McpServers(
        folder,
        new McpServers.Limits(call, start, idle, Duration.ofSeconds(1), Duration.ofMinutes(5)),
        InetAddress::getAllByName,
        PublicAddresses::contains);
  }

  private String call(ToolServer server, String tool) throws ToolException {
    return servers.call(server, tool, "{}", new Cancellation()).text();
  }

  private String callOr(ToolServer server, String tool, String otherwise) {
    try {
      return call(server, tool);
    } catch (ToolException e) {
      return otherwise;
    }
  }

  private static boolean isRunning(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }
}
