package io.coterie.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A bare socket that answers tool clients byte by byte, as well or as badly as a script says. */
final class RawServer implements AutoCloseable {

  /** One request, as it came. */
  record Call(String method, String head, String body) {

    /** The value of a header, or null. */
    String header(String name) {
      for (String line : head.split("\r\n")) {
        if (line.regionMatches(true, 0, name + ":", 0, name.length() + 1)) {
          return line.substring(name.length() + 1).strip();
        }
      }
      return null;
    }

    boolean asks(String what) {
      return body.contains("\"method\":\"" + what + "\"");
    }

    /** The JSON-RPC answer to it. */
    String answer(String result) {
      String id = body.replaceAll("(?s).*\"id\":\"([^\"]*)\".*", "$1");
      return "{\"jsonrpc\":\"2.0\",\"id\":\"" + id + "\",\"result\":" + result + "}";
    }
  }

  interface Script {
    void answer(Call call, OutputStream out) throws IOException;
  }

  static final String GREETING =
      "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}},"
          + "\"serverInfo\":{\"name\":\"raw\",\"version\":\"1\"}}";
  static final String TOOLS =
      "{\"tools\":[{\"name\":\"one\",\"description\":\"d\",\"inputSchema\":{\"type\":\"object\"}}]}";

  static final Script WELL_BEHAVED =
      (call, out) -> {
        if (call.asks("initialize")) {
          json(out, call.answer(GREETING));
        } else if (call.asks("tools/list")) {
          json(out, call.answer(TOOLS));
        } else if (call.asks("tools/call")) {
          json(out, call.answer("{\"content\":[{\"type\":\"text\",\"text\":\"done\"}]}"));
        } else {
          write(out, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        }
      };

  /** Answers the handshake, once and without keeping the connection. */
  static final Script ONE_EACH =
      (call, out) -> {
        String json = call.answer(GREETING);
        write(
            out,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n"
                + "Content-Length: "
                + json.length()
                + "\r\n\r\n"
                + json);
        throw new IOException("enough");
      };

  private final ServerSocket socket;
  private final Script script;
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final AtomicInteger connections = new AtomicInteger();

  RawServer(Script script) throws IOException {
    this(InetAddress.getByName("127.0.0.1"), 0, script);
  }

  RawServer(InetAddress address, int port, Script script) throws IOException {
    this.script = script;
    socket = new ServerSocket(port, 50, address);
    thread(this::accept);
  }

  private static void thread(Runnable work) {
    Thread thread = new Thread(work, "raw-server");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket next = socket.accept();
        connections.incrementAndGet();
        open.add(next);
        thread(() -> serve(next));
      }
    } catch (IOException e) {
      // It is closed.
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      InputStream in = connection.getInputStream();
      for (Call call = read(in); call != null; call = read(in)) {
        calls.add(call);
        script.answer(call, connection.getOutputStream());
      }
    } catch (IOException e) {
      // The client has gone, or the script wants the connection to end.
    }
  }

  private static Call read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return null;
      }
      head.append((char) next);
    }
    Call call = new Call(head.substring(0, head.indexOf(" ")), head.toString(), "");
    String length = call.header("Content-Length");
    byte[] body = in.readNBytes(length == null ? 0 : Integer.parseInt(length));
    return new Call(call.method, call.head, new String(body, StandardCharsets.UTF_8));
  }

  static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  static void json(OutputStream out, String json) throws IOException {
    json(out, json, "");
  }

  /** A whole answer; {@code more} are further headers, each with its line end. */
  static void json(OutputStream out, String json, String more) throws IOException {
    int length = json.getBytes(StandardCharsets.UTF_8).length;
    write(
        out,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
            + more
            + "Content-Length: "
            + length
            + "\r\n\r\n"
            + json);
  }

  /** An answer without content. */
  static void status(OutputStream out, String status, String headers) throws IOException {
    write(out, "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n" + headers + "\r\n");
  }

  int port() {
    return socket.getLocalPort();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + port() + "/mcp");
  }

  ToolServer server() {
    return new ToolServer(url(), null, true);
  }

  int connections() {
    return connections.get();
  }

  List<Call> calls() {
    return calls;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket connection : open) {
      connection.close();
    }
  }
}
