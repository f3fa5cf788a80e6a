package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.Json;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** {@link LiveClient} over server-sent events. */
final class LiveStream extends LiveClient {

  private final WireSocket socket;

  LiveStream(int port, String request, Consumer<JsonNode> onEvent) {
    super(onEvent);
    try {
      socket = WireSocket.connect(port);
      try {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        InputStream in = new BufferedInputStream(socket.getInputStream(), 16_384);
        String head = RawClient.head(in);
        if (!head.startsWith("HTTP/1.1 200 ")) {
          throw new IOException("refused: " + head);
        }
        boolean chunked = head.toLowerCase(java.util.Locale.ROOT).contains("chunked");
        start(() -> read(chunked ? new Chunks(in) : in));
      } catch (IOException e) {
        socket.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stall() {
    socket.stall();
  }

  @Override
  public void goOn() {
    socket.goOn();
  }

  @Override
  protected void abort() {
    socket.reset();
  }

  @Override
  protected void leave() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(InputStream body) {
    ObjectNode event = Json.MAPPER.createObjectNode();
    try (socket;
        var in = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
      String line;
      while ((line = in.readLine()) != null) {
        if (line.startsWith("event: ")) {
          event.put("event", line.substring(7));
        } else if (line.startsWith("id: ")) {
          event.put("seq", Integer.parseInt(line.substring(4)));
        } else if (line.startsWith("data: ")) {
          event.set("data", Json.MAPPER.readTree(line.substring(6)));
        } else if (line.isEmpty() && !event.isEmpty()) {
          deliver(event);
          event = Json.MAPPER.createObjectNode();
        }
      }
    } catch (IOException e) {
      // Cut, by either side.
    }
  }

  /** A body in chunks: RFC 9112, section 7.1, without trailers. */
  private static final class Chunks extends InputStream {
    private final InputStream in;
    private int left;

    Chunks(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (left == 0) {
        left = Integer.parseInt(RawClient.line(in), 16);
        if (left == 0) {
          return -1;
        }
      }
      int read = in.read(bytes, offset, Math.min(length, left));
      if (read > 0) {
        left -= read;
        if (left == 0) {
          RawClient.line(in);
        }
      }
      return read;
    }
  }
}
