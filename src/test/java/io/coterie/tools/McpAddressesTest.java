package io.coterie.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.model.Cancellation;
import io.coterie.net.PublicAddresses;
import io.coterie.net.Resolver;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a tool server may be, and that nothing else is ever connected to. */
class McpAddressesTest {

  private static final Duration LONG = Duration.ofSeconds(20);

  private static final String UNUSABLE =
      "The tool server's address must be http:// or https:// and a host.";

  @TempDir Path folder;
  private ServerSocket trap;
  private ServerSocket trap6;
  private McpServers servers;

  @BeforeEach
  void listen() throws Exception {
    trap = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
    trap6 = new ServerSocket(trap.getLocalPort(), 50, InetAddress.getByName("::1"));
  }

  @AfterEach
  void close() throws Exception {
    servers.close();
    for (ServerSocket socket : List.of(trap, trap6)) {
      // Whoever has connected waits in the backlog and would be accepted now.
      socket.setSoTimeout(1);
      assertThatThrownBy(() -> socket.accept().close()).isInstanceOf(SocketTimeoutException.class);
      socket.close();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "localhost",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f.0.0.1",
        "0x7f000001",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[0:0:0:0:0:0:0:1]",
        "LOCALHOST",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "169.254.169.254",
        "10.0.0.1",
        "[fe80::1]"
      })
  void list_loopbackInAnySpelling_isNeverConnectedTo(String host) {
    servers = with(InetAddress::getAllByName);
    // Some of these are no hosts to an address of the web, and some Java takes for names.
    assertThatThrownBy(() -> list(host))
        .isInstanceOf(ToolException.class)
        .message()
        .isIn(HttpAnswer.FORBIDDEN, UNUSABLE, "The tool server " + host + " could not be found.");
  }

  @Test
  void list_loopback_isRefusedInWords() {
    servers = with(InetAddress::getAllByName);
    for (String host : List.of("127.0.0.1", "localhost", "[::1]", "[::ffff:7f00:1]", "0.0.0.0")) {
      assertThatThrownBy(() -> list(host)).hasMessage(HttpAnswer.FORBIDDEN);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://8.8.8.8@127.0.0.1:%d/",
        "http://user:word@127.0.0.1:%d/",
        "ftp://127.0.0.1:%d/",
        "file:///etc/passwd",
        "http:///x",
        "http:x",
        "//127.0.0.1:%d/",
        "http://my_host:%d/",
        "http://127.0.0.1:99999/",
        "jar:http://127.0.0.1:%d/!/x"
      })
  void list_unusableAddress_isRefused(String url) {
    servers = with(InetAddress::getAllByName);
    ToolServer server = new ToolServer(URI.create(url.replace("%d", port())), null, true);
    assertThatThrownBy(() -> servers.list(server, new Cancellation()))
        .isInstanceOf(ToolException.class)
        .hasMessage(UNUSABLE);
  }

  @Test
  void list_nameWithOneBadAddress_isRefused() {
    servers = with(host -> addresses("8.8.8.8", "127.0.0.1"));
    assertThatThrownBy(() -> list("tools.example")).hasMessage(HttpAnswer.FORBIDDEN);
    servers.close();
    servers = with(host -> addresses("::1", "2606:4700:4700::1111"));
    assertThatThrownBy(() -> list("tools.example")).hasMessage(HttpAnswer.FORBIDDEN);
  }

  @Test
  void list_unknownName_saysSo() {
    servers =
        with(
            host -> {
              throw new UnknownHostException(host);
            });
    assertThatThrownBy(() -> list("tools.example"))
        .hasMessage("The tool server tools.example could not be found.");
    servers.close();
    servers = with(host -> new InetAddress[0]);
    assertThatThrownBy(() -> list("tools.example"))
        .hasMessage("The tool server tools.example could not be found.");
  }

  @Test
  void list_loopbackByName_isReachedWhereAllowedOnly() throws Exception {
    try (RawServer server = new RawServer(RawServer.WELL_BEHAVED)) {
      servers = with(host -> addresses("127.0.0.1"));
      URI url = URI.create("http://tools.example:" + server.port() + "/mcp");
      assertThat(servers.list(new ToolServer(url, null, true), new Cancellation())).hasSize(1);
      int calls = server.calls().size();
      int connections = server.connections();
      // The connection that is open and idle is nobody else's.
      assertThatThrownBy(() -> servers.list(new ToolServer(url, null, false), new Cancellation()))
          .hasMessage(HttpAnswer.FORBIDDEN);
      assertThat(server.connections()).isEqualTo(connections);
      assertThat(server.calls()).hasSize(calls);
    }
  }

  /**
   * The name leads to an address that is allowed when it is looked at, and to another one later.
   */
  @Test
  void list_rebindingName_isConnectedToWhatWasCheckedAndNoMore() throws Exception {
    InetAddress good = InetAddress.getByName("127.0.0.2");
    AtomicInteger asked = new AtomicInteger();
    Resolver rebinding =
        host -> asked.getAndIncrement() == 0 ? new InetAddress[] {good} : addresses("127.0.0.1");
    try (RawServer server = new RawServer(good, trap.getLocalPort(), RawServer.ONE_EACH)) {
      for (int round = 1; round <= 30; round++) {
        asked.set(0);
        servers =
            new McpServers(
                folder,
                new McpServers.Limits(
                    LONG, LONG, LONG, Duration.ofSeconds(1), Duration.ofMinutes(5)),
                rebinding,
                good::equals);
        // The handshake is answered, and the connection closed; the next one is looked at anew.
        assertThatThrownBy(() -> list("tools.example")).hasMessage(HttpAnswer.FORBIDDEN);
        assertThat(server.connections()).isEqualTo(round);
        assertThat(asked.get()).isGreaterThan(1);
        servers.close();
      }
    }
  }

  private List<Tool> list(String host) throws ToolException {
    URI url = URI.create("http://" + host + ":" + port() + "/mcp");
    return servers.list(new ToolServer(url, null, false), new Cancellation());
  }

  private String port() {
    return Integer.toString(trap.getLocalPort());
  }

  private McpServers with(Resolver resolver) {
    return new McpServers(
        folder,
        new McpServers.Limits(LONG, LONG, LONG, Duration.ofSeconds(1), Duration.ofMinutes(5)),
        resolver,
        PublicAddresses::contains);
  }

  private static InetAddress[] addresses(String... literals) throws UnknownHostException {
    InetAddress[] addresses = new InetAddress[literals.length];
    for (int i = 0; i < literals.length; i++) {
      addresses[i] = InetAddress.getByName(literals[i]);
    }
    return addresses;
  }
}
