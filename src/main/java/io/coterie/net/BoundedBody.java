package io.coterie.net;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * The answer to one request, with its body in memory up to a limit that counts what arrives as well
 * as what was announced. The body of anything but a success is not read at all. Thread-safe.
 */
public final class BoundedBody implements Response.Listener {

  /** More came than was allowed. */
  public static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * What was answered.
   *
   * @param body empty where the status is no success
   * @param from the other end of the connection; null where that is unknown
   */
  public record Answer(int status, HttpFields headers, byte[] body, InetSocketAddress from) {
    public boolean isSuccess() {
      return status >= 200 && status < 300;
    }
  }

  private final int max;
  private final BoundedBytes bytes;
  private final CompletableFuture<Void> begun = new CompletableFuture<>();
  private final CompletableFuture<Answer> answer = new CompletableFuture<>();

  /**
   * @param max the most bytes of a body
   */
  public BoundedBody(int max) {
    this.max = max;
    this.bytes = new BoundedBytes(max);
  }

  /**
   * Completes when the head of the answer is there, and not before {@link #answer} where none is.
   */
  public CompletableFuture<Void> begun() {
    return begun;
  }

  /** Completes with the answer, or with why there is none. */
  public CompletableFuture<Answer> answer() {
    return answer;
  }

  @Override
  public void onHeaders(Response response) {
    begun.complete(null);
    if (response.getStatus() < 200 || response.getStatus() >= 300) {
      complete(response);
      stop(response, new IOException("The body is not wanted"));
    } else if (announced(response) > max) {
      refuse(response);
    }
  }

  /** Over what an int holds as well. */
  private static long announced(Response response) {
    HttpField length = response.getHeaders().getField(HttpHeader.CONTENT_LENGTH);
    return length == null ? -1 : length.getLongValue();
  }

  @Override
  public void onContent(Response response, ByteBuffer piece) {
    if (!bytes.add(piece)) {
      refuse(response);
    }
  }

  @Override
  public void onComplete(Result result) {
    if (result.isSucceeded()) {
      complete(result.getResponse());
    } else {
      answer.completeExceptionally(result.getFailure());
    }
    begun.complete(null);
  }

  private void complete(Response response) {
    answer.complete(
        new Answer(
            response.getStatus(),
            response.getHeaders(),
            bytes.toByteArray(),
            otherEnd(response.getRequest())));
  }

  private static InetSocketAddress otherEnd(Request request) {
    return request.getConnection() != null
            && request.getConnection().getRemoteSocketAddress() instanceof InetSocketAddress address
        ? address
        : null;
  }

  private void refuse(Response response) {
    TooLargeException tooLarge = new TooLargeException();
    answer.completeExceptionally(tooLarge);
    stop(response, tooLarge);
  }

  private static void stop(Response response, Throwable why) {
    var unused = response.abort(why);
  }
}
