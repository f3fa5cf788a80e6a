package io.coterie.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A model provider on a loopback port that does what a test's script says: an HTTP/1.1 server on
 * bare sockets, so that a script decides on every byte and every cut, and sees the client hang up.
 *
 * <p>Each request plays the next script given to {@link #then}, on a thread of its own; without
 * one, what was given to {@link #usually}, and without that it is answered 500. Waits are for
 * conditions, with a limit of {@value #PATIENCE_SECONDS} seconds that only a failing test meets.
 */
public final class ScriptedProvider implements AutoCloseable {

  /** What to do with one request. */
  @FunctionalInterface
  public interface Script {
    void play(Line line) throws IOException;
  }

  /** A request as it came; header names are in lower case. */
  public record Request(String method, String path, Map<String, String> headers, JsonNode body) {}

  public static final int PATIENCE_SECONDS = 20;

  /** The key that {@link #provider} uses; no text that people see may hold it. */
  public static final String KEY = "local-secret-4711-abcdef";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ServerSocket server;
  private final BlockingQueue<Script> scripts = new LinkedBlockingQueue<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final Semaphore arrivals = new Semaphore(0);
  private final Semaphore replies = new Semaphore(0);
  private final Semaphore hangUps = new Semaphore(0);
  private volatile boolean keeps = true;
  private volatile Script usual = line -> line.answer(500, "text/plain", "no script");

  private ScriptedProvider(ServerSocket server) {
    this.server = server;
  }

  public static ScriptedProvider start() {
    try {
      ScriptedProvider provider =
          new ScriptedProvider(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
      daemon(provider::acceptAll);
      return provider;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A provider of this name that leads here. */
  public Provider provider(String name, Provider.Type type) {
    return new Provider(name, type, baseUrl(), KEY);
  }

  public String baseUrl() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** Plays {@code script} for the next request that has none yet. */
  public ScriptedProvider then(Script script) {
    scripts.add(script);
    return this;
  }

  /** Plays {@code script} for every request that no other script is there for. */
  public ScriptedProvider usually(Script script) {
    usual = script;
    return this;
  }

  /** A whole reply in {@code format}, in these pieces, with 7 input and 3 output tokens. */
  public ScriptedProvider thenReply(WireFormat format, String... pieces) {
    return then(
        line -> {
          line.open(format);
          for (String piece : pieces) {
            line.send(format.text(piece));
          }
          line.send(format.end(7, 3)).end();
        });
  }

  /** An error status with a JSON body. */
  public ScriptedProvider thenStatus(int status, String body) {
    return then(line -> line.answer(status, "application/json", body));
  }

  /** From now on keeps neither requests nor connections, as is needed where there are very many. */
  public ScriptedProvider keepNothing() {
    keeps = false;
    return this;
  }

  public List<Request> requests() {
    return List.copyOf(requests);
  }

  /** How many connections were made. */
  public int connections() {
    return sockets.size();
  }

  /** Waits until one more request has come, and returns it. */
  public Request awaitRequest() {
    await(arrivals, "a request");
    return requests.get(requests.size() - 1);
  }

  /** Waits until one more whole reply has been sent. */
  public void awaitReply() {
    await(replies, "a whole reply");
  }

  /** Waits until no connection is open any more, whatever was sent over it. */
  public void awaitNoConnection() {
    synchronized (sockets) {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!sockets.stream().allMatch(Socket::isClosed)) {
        long rest = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (rest <= 0) {
          throw new AssertionError("A connection stays open");
        }
        try {
          sockets.wait(rest);
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  /** Waits until a script has seen its client hang up, see {@link Line#awaitHangUp}. */
  public void awaitHangUp() {
    await(hangUps, "the client to hang up");
  }

  @Override
  public void close() {
    quietly(server);
    sockets.forEach(ScriptedProvider::quietly);
  }

  private void acceptAll() {
    try {
      while (true) {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        daemon(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      InputStream in = socket.getInputStream();
      boolean more = true;
      while (more) {
        Request request = read(in);
        more = request != null && play(new Line(socket, request));
      }
    } catch (IOException e) {
      // The client went away, or the test is over.
    }
    if (!keeps) {
      sockets.remove(socket);
    }
    synchronized (sockets) {
      sockets.notifyAll();
    }
  }

  /** Whether the connection can carry another request. */
  private boolean play(Line line) throws IOException {
    if (keeps) {
      requests.add(line.request);
      arrivals.release();
    }
    Script script = scripts.poll();
    (script == null ? usual : script).play(line);
    if (line.ended) {
      replies.release();
    }
    return line.ended;
  }

  private static Request read(InputStream in) throws IOException {
    String first = readLine(in);
    if (first == null) {
      return null;
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line = readLine(in); line != null && !line.isEmpty(); line = readLine(in)) {
      int colon = line.indexOf(':');
      if (colon < 0) {
        return null; // no HTTP, such as the greeting of a client that wants TLS
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
    String[] words = first.split(" ");
    return new Request(words[0], words[1], headers, JSON.readTree(body));
  }

  private static String readLine(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        return null;
      }
      if (next != '\r') {
        line.write(next);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  private static void await(Semaphore semaphore, String what) {
    try {
      if (!semaphore.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("Waited in vain for " + what);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void quietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      // The other side may have been faster.
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "scripted-provider");
    thread.setDaemon(true);
    thread.start();
  }

  /** The connection a script answers on. */
  public final class Line {

    private final Socket socket;
    private final OutputStream out;
    private final Request request;
    private boolean ended;

    private Line(Socket socket, Request request) throws IOException {
      this.socket = socket;
      this.out = socket.getOutputStream();
      this.request = request;
    }

    public Request request() {
      return request;
    }

    /** Sends a whole answer; {@code headers} are further lines. */
    public void answer(int status, String contentType, String body, String... headers)
        throws IOException {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      StringBuilder head = new StringBuilder();
      head.append("HTTP/1.1 ").append(status).append(" Scripted\r\n");
      head.append("Content-Type: ").append(contentType).append("\r\n");
      head.append("Content-Length: ").append(bytes.length).append("\r\n");
      for (String header : headers) {
        head.append(header).append("\r\n");
      }
      write(head.append("\r\n").toString().getBytes(StandardCharsets.UTF_8));
      write(bytes);
      ended = true;
    }

    /** Sends the head of an answer whose body is to have {@code length} bytes. */
    public Line head(int status, int length) throws IOException {
      return sendRaw(
          "HTTP/1.1 %d Scripted\r\nContent-Length: %d\r\n\r\n".formatted(status, length));
    }

    /** Sends bytes as they are, outside any framing. */
    public Line sendRaw(String text) throws IOException {
      write(text.getBytes(StandardCharsets.UTF_8));
      return this;
    }

    /** Sends the head of a streamed reply and what comes before its first text. */
    public Line open(WireFormat format) throws IOException {
      openOnly(format);
      return format.begin().isEmpty() ? this : send(format.begin());
    }

    /** Sends the head of a streamed reply alone. */
    public Line openOnly(WireFormat format) throws IOException {
      String head =
          "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"
              .formatted(format.contentType());
      write(head.getBytes(StandardCharsets.UTF_8));
      return this;
    }

    /** Sends a piece of the body, at once. */
    public Line send(String text) throws IOException {
      return send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a piece of the body, at once. */
    public Line send(byte[] bytes) throws IOException {
      ByteArrayOutputStream chunk = new ByteArrayOutputStream();
      chunk.writeBytes(
          (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.UTF_8));
      chunk.writeBytes(bytes);
      chunk.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
      write(chunk.toByteArray());
      return this;
    }

    /** Ends the body properly; the connection can carry another request. */
    public void end() throws IOException {
      write("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      ended = true;
    }

    /** Drops the connection in the middle of the body. */
    public void cut() throws IOException {
      socket.close();
    }

    /** Waits until the client has closed its side. */
    public void awaitHangUp() {
      try {
        while (socket.getInputStream().read() >= 0) {
          // Nothing is expected; a client that says more is still there.
        }
        hangUps.release();
      } catch (IOException e) {
        if (!server.isClosed()) {
          hangUps.release();
        }
      }
    }

    /** Sends {@code text} over and over until the client hangs up. */
    public void sendUntilHangUp(String text) {
      try {
        while (true) {
          send(text);
        }
      } catch (IOException e) {
        if (!server.isClosed()) {
          hangUps.release();
        }
      }
    }

    /** Sends {@code text}, outside any framing, over and over until the client hangs up. */
    public void sendRawUntilHangUp(String text) {
      try {
        while (true) {
          sendRaw(text);
        }
      } catch (IOException e) {
        if (!server.isClosed()) {
          hangUps.release();
        }
      }
    }

    private void write(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }
  }
}
