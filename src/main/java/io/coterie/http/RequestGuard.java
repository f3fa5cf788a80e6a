package io.coterie.http;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Hides the header by which a request could pass for one of another method. */
public final class RequestGuard extends Handler.Wrapper {

  private static final String METHOD_OVERRIDE = "X-HTTP-Method-Override";

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
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
