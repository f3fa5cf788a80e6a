package io.coterie.http;

import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Request;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Request bodies, as bytes. */
public final class RequestBodies {

  private static final Logger log = LoggerFactory.getLogger(RequestBodies.class);

  private static final Duration DISCARD_TIME = Duration.ofSeconds(3);
  private static final Duration SILENCE = Duration.ofMillis(200);
  private static final Duration SILENCE_WITHIN_A_LENGTH = Duration.ofSeconds(1);
  private static final Duration DISCARD_PAUSE = Duration.ofMillis(5);

  private RequestBodies() {}

  /**
   * The whole body.
   *
   * @throws ApiException 413 where it has more than {@code max} bytes, after the rest was read and
   *     thrown away
   */
  public static byte[] read(HttpServletRequest request, int max) throws IOException {
    boolean tooLong = request.getContentLengthLong() > max;
    byte[] body = tooLong ? new byte[0] : request.getInputStream().readNBytes(max + 1);
    if (tooLong || body.length > max) {
      discard(request);
      throw new ApiException(413, Errors.defaultMessage(413));
    }
    return body;
  }

  /**
   * Reads on for a while: most clients read no answer before they have sent all, and find a
   * connection that was closed on them instead. Where no length was announced, that all has come
   * does not show before a read that could block, so a short silence counts for it.
   */
  static void discard(HttpServletRequest request) {
    long end = System.nanoTime() + DISCARD_TIME.toNanos();
    long heard = System.nanoTime();
    long length = request.getContentLengthLong();
    long silence = (length < 0 ? SILENCE : SILENCE_WITHIN_A_LENGTH).toNanos();
    Request read = ServletContextRequest.getServletContextRequest(request);
    byte[] buffer = new byte[1 << 16];
    try {
      ServletInputStream in = request.getInputStream();
      long total = 0;
      long now = heard;
      while (Request.getContentBytesRead(read) != length
          && total < RequestGuard.MAX_DISCARDED
          && now < end
          && now - heard < silence) {
        if (in.available() == 0) {
          LockSupport.parkNanos(DISCARD_PAUSE.toNanos());
        } else {
          total += in.read(buffer);
          heard = now;
        }
        now = System.nanoTime();
      }
    } catch (IOException e) {
      log.debug("A request whose body was too long broke off", e);
    }
  }
}
