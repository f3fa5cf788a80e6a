package io.coterie.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/**
 * The answers that Jetty gives before a handler runs (a bad escape, a header too large), in the
 * {@link ErrorShape} of their path.
 */
public final class JettyErrors extends ErrorHandler {

  private final RequestWatch watch;

  /**
   * @param watch told of what is answered here and nowhere else
   */
  public JettyErrors(RequestWatch watch) {
    this.watch = watch;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    int status = response.getStatus() < 400 ? 500 : response.getStatus();
    String id = RequestIds.of(request);
    ErrorShape shape =
        ErrorShape.of(
            String.valueOf(request.getHttpURI().getPath()),
            request.getHeaders().get(HttpHeader.ACCEPT));
    String body = shape.body(new ApiException(status, Errors.defaultMessage(status)), id);
    response.setStatus(status);
    watch.refused(request, response);
    response.getHeaders().put(RequestIds.HEADER, id);
    UsualHeaders.put(response);
    if (!request.getConnectionMetaData().isPersistent()) {
      // Jetty tells only clients of HTTP/1.1, and takes what it could not read for an older one.
      response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
    }
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, shape.contentType());
    if (status == 503) {
      // The server stops, and is perhaps started again.
      response.getHeaders().put(HttpHeader.RETRY_AFTER, 5);
    }
    response.write(true, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), callback);
    return true;
  }
}
