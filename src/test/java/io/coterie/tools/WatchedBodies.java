package io.coterie.tools;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Shows each piece of a request's body to somebody else too. */
final class WatchedBodies extends Handler.Wrapper {

  private final Consumer<String> pieces;

  WatchedBodies(Consumer<String> pieces) {
    this.pieces = pieces;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    return super.handle(
        new Request.Wrapper(request) {
          @Override
          public Content.Chunk read() {
            Content.Chunk chunk = super.read();
            if (chunk != null && chunk.hasRemaining()) {
              ByteBuffer copy = chunk.getByteBuffer().slice();
              pieces.accept(StandardCharsets.UTF_8.decode(copy).toString());
            }
            return chunk;
          }
        },
        response,
        callback);
  }
}
