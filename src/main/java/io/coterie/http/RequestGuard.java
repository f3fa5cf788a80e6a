package io.coterie.http;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Refuses, before anything is read, a body that is so long that it is not even worth throwing away,
 * and hides the header by which a request could pass for one of another method.
 */
public final class RequestGuard extends Handler.Wrapper {

  /**
   * Up to here a body that is too long is read and thrown away, so that its sender gets an answer.
   */
  static final long MAX_DISCARDED = 64L << 20;

  private static final String METHOD_OVERRIDE = "X-HTTP-Method-Override";

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (request.getLength() > MAX_DISCARDED) {
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
      Response.writeError(request, response, callback, 413);
      return true;
    }
    boolean plain = !request.getHeaders().contains(METHOD_OVERRIDE);
    return super.handle(plain ? request : new Undisguised(request), response, callback);
  }

  private static final class Undisguised extends Request.Wrapper {
    private final HttpFields headers;

    Undisguised(Request request) {
      super(request);
      this.headers = HttpFields.build(request.getHeaders()).remove(METHOD_OVERRIDE).asImmutable();
    }

    @Override
    public HttpFields getHeaders() {
      return headers;
    }
  }
}
