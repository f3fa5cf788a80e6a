package io.coterie.endure;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks ten times a second whether the server is there; and asks a server that does nothing else,
 * which shows how busy the machine is. One thread.
 */
final class Pinger {

  /** What the time of the other server's answers is known by. */
  static final String CONTROL = "control: a server that does nothing else";

  private final Stage stage;
  private final HttpClient http = HttpClient.newHttpClient();
  private final HttpServer control;
  private final Thread thread = new Thread(this::run, "pinger");
  private volatile boolean over;

  Pinger(Stage stage) throws IOException {
    this.stage = stage;
    this.control = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    control.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    control.start();
    thread.setDaemon(true);
    thread.start();
  }

  void end() {
    over = true;
  }

  private void run() {
    while (!over) {
      try {
        stage.api().ping();
        pingControl();
      } catch (CutOffException e) {
        // Noted already where it is not explained.
      } catch (IOException | InterruptedException e) {
        stage.findings().add("unforeseen: the machine", e.toString());
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
    }
    control.stop(0);
  }

  private void pingControl() throws IOException, InterruptedException {
    URI address = URI.create("http://127.0.0.1:" + control.getAddress().getPort() + "/");
    long begun = System.nanoTime();
    var unused = http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding());
    stage.figures().latency(CONTROL).add(System.nanoTime() - begun);
  }
}
