package io.coterie.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.model.Cancellation;
import io.coterie.net.HttpClients;
import java.io.BufferedReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Hooks;

/** What using tools does to the process that uses them. */
class McpHostTest {

  private static final ToolServer PROGRAM = new ToolServer(null, ToolProgram.stdioCommand(), false);

  @TempDir Path folder;

  @Test
  void kill_host_endsItsPrograms() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String path = System.getProperty("java.class.path");
    Process host =
        new ProcessBuilder(java, "-cp", path, KilledHost.class.getName(), folder.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader out = host.inputReader(StandardCharsets.UTF_8)) {
      String line = out.readLine();
      while (!line.matches("\\d+")) {
        line = out.readLine();
      }
      ProcessHandle program = ProcessHandle.of(Long.parseLong(line)).orElseThrow();
      assertThat(program.isAlive()).isTrue();
      host.toHandle().destroyForcibly();
      Waiting.until(() -> !program.isAlive());
    } finally {
      host.destroyForcibly();
    }
  }

  @Test
  void make_unused_startsNoThread() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    try (McpServers servers =
        new McpServers(folder, Duration.ofSeconds(30), Duration.ofSeconds(20))) {
      assertThat(servers).isNotNull();
      assertThat(threads(before)).isEmpty();
    }
  }

  @Test
  void close_used_leavesNoThreadAndAllWereDaemons() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    McpServers servers = new McpServers(folder, Duration.ofSeconds(30), Duration.ofSeconds(20));
    try (ToolProgram.Http http = ToolProgram.startHttp()) {
      servers.list(PROGRAM, new Cancellation());
      servers.list(new ToolServer(http.url(), null, true), new Cancellation());
      assertThat(threads(before)).allMatch(Thread::isDaemon);
      assertThat(threads(before)).anyMatch(thread -> thread.getName().startsWith("tool-http"));
      servers.close();
      Waiting.until(
          () -> threads(before).stream().noneMatch(thread -> thread.getName().startsWith("tool-")));
    }
  }

  @Test
  void call_cancelledCrashedOrClosed_dropsNoErrors() throws Exception {
    Queue<Throwable> dropped = new ConcurrentLinkedQueue<>();
    Hooks.onErrorDropped(dropped::add);
    try (ToolProgram.Http http = ToolProgram.startHttp();
        McpServers servers =
            new McpServers(folder, Duration.ofSeconds(30), Duration.ofSeconds(20))) {
      for (ToolServer server : List.of(PROGRAM, new ToolServer(http.url(), null, true))) {
        Cancellation cancellation = new Cancellation();
        CompletableFuture<ToolResult> slow =
            Waiting.async(() -> Waiting.result(servers, server, "slow", cancellation));
        CompletableFuture<ToolResult> other =
            Waiting.async(() -> Waiting.result(servers, server, "slow", new Cancellation()));
        Waiting.until(() -> waiting(servers, server).equals("2"));
        cancellation.cancel();
        assertThat(Waiting.failure(slow)).isNotNull();
        // The answer to what was cancelled comes all the same, and the other call may get it.
        Waiting.until(() -> waiting(servers, server).equals("1"));
        assertThatThrownBy(() -> servers.call(server, "crash", "{}", new Cancellation()))
            .isInstanceOf(ToolException.class);
        Waiting.until(other::isDone);
      }
      servers.close();
      assertThat(dropped).isEmpty();
    } finally {
      Hooks.resetOnErrorDropped();
    }
  }

  @Test
  void call_serverWithACertificateThatNobodyKnows_isRefused() throws Exception {
    try (McpServers servers =
            new McpServers(folder, Duration.ofSeconds(30), Duration.ofSeconds(20));
        SelfSigned server = new SelfSigned(folder)) {
      URI url = URI.create("https://localhost:" + server.port() + "/mcp");
      assertThatThrownBy(() -> servers.list(new ToolServer(url, null, true), new Cancellation()))
          .isInstanceOf(ToolException.class)
          .hasMessage("No secure connection to the tool server localhost could be made.");
      assertThat(server.requests()).isZero();
    }
  }

  @Test
  void clients_verifyNamesFollowNothingAndUseNoProxy() throws Exception {
    try (HttpClients clients =
        new HttpClients(new HttpClients.Settings("test-http", Duration.ofSeconds(1), 4, false))) {
      for (HttpClients.Reach reach : HttpClients.Reach.values()) {
        var client = clients.get(reach);
        assertThat(client.getSslContextFactory().getEndpointIdentificationAlgorithm())
            .isEqualTo("HTTPS");
        assertThat(client.getSslContextFactory().isTrustAll()).isFalse();
        assertThat(client.isFollowRedirects()).isFalse();
        assertThat(client.getProxyConfiguration().getProxies()).isEmpty();
        assertThat(clients.get(reach)).isSameAs(client);
      }
      assertThat(clients.get(HttpClients.Reach.ANYWHERE))
          .isNotSameAs(clients.get(HttpClients.Reach.PUBLIC));
    }
  }

  private static String waiting(McpServers servers, ToolServer server) throws ToolException {
    return servers.call(server, "waiting", "{}", new Cancellation()).text();
  }

  private static Set<Thread> threads(Set<Thread> before) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !before.contains(thread))
        .filter(thread -> thread.getName().matches("(tool|parallel|boundedElastic).*"))
        .collect(Collectors.toSet());
  }
}
