package io.coterie.packages;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A web server on the loopback address, as somebody might run one for packages. */
final class TestServer implements AutoCloseable {

  /** Answers one request. */
  interface Answer {
    void to(HttpExchange exchange) throws IOException, InterruptedException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> hungUp = new CompletableFuture<>();
  private final CountDownLatch closed = new CountDownLatch(1);

  TestServer() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The paths that were asked for, in order. */
  List<String> requests() {
    return List.copyOf(requests);
  }

  TestServer on(String path, Answer answer) {
    answers.put(path, answer);
    return this;
  }

  TestServer file(String path, byte[] content) {
    return on(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
          exchange.getResponseBody().write(content);
        });
  }

  TestServer status(String path, int status) {
    return on(path, exchange -> exchange.sendResponseHeaders(status, -1));
  }

  TestServer redirect(String path, int status, String location) {
    return on(
        path,
        exchange -> {
          exchange.getResponseHeaders().set("Location", location);
          exchange.sendResponseHeaders(status, -1);
        });
  }

  /** Says nothing until the test is over. */
  TestServer silent(String path) {
    return on(path, exchange -> closed.await());
  }

  /** Begins its answer, and then says nothing until the test is over. */
  TestServer stalling(String path) {
    return on(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, 1_000);
          exchange.getResponseBody().write('{');
          exchange.getResponseBody().flush();
          closed.await();
        });
  }

  /** Sends without end and without saying how much. */
  TestServer endless(String path, int status) {
    return on(
        path,
        exchange -> {
          exchange.sendResponseHeaders(status, 0);
          sendUntilHungUp(exchange);
        });
  }

  private void sendUntilHungUp(HttpExchange exchange) {
    try {
      while (closed.getCount() > 0) {
        exchange.getResponseBody().write(new byte[1 << 16]);
      }
    } catch (IOException e) {
      hungUp.complete(null);
    }
  }

  /** Completed when a client has hung up on an endless answer. */
  CompletableFuture<Void> hungUp() {
    return hungUp;
  }

  /** A registry's package with these archives, one for each version. */
  TestServer packages(String name, Map<String, byte[]> archives) {
    file("/" + name + "/index.json", Indexes.of(name, archives));
    archives.forEach((version, zip) -> file("/" + name + "/" + name + "-" + version + ".zip", zip));
    return this;
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    requests.add(path);
    try (exchange) {
      answers.getOrDefault(path, e -> e.sendResponseHeaders(404, -1)).to(exchange);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
