package io.coterie.http;

import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Reads a request's body, before a thread is given to its handler and after it is known whether it
 * may be sent at all: a slow sender holds no thread, and nobody's body is held who may not send
 * one. {@link RequestBodies} hands it to the handler. Thread-safe.
 */
public final class BodyIntake extends Handler.Wrapper {

  /** Decides on a request whose head has come. */
  public interface Admission {
    /** May it send a body, and how long a one? */
    Verdict judge(Request request);
  }

  /** What a body is for. */
  public enum Use {
    /** Nothing: the answer does not depend on it. */
    NONE,
    /** It is read as JSON. */
    JSON,
    /** It is taken as it is. */
    BYTES
  }

  /**
   * What becomes of a body.
   *
   * @param owner who sends it
   * @param maxSize in bytes; where it is longer, the answer is 413
   */
  public record Verdict(Object owner, long maxSize, Use use) {}

  private final Admission admission;
  private final Intake intake;

  public BodyIntake(Admission admission, Intake intake) {
    this.admission = admission;
    this.intake = intake;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    boolean hasBody =
        request.getLength() > 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING);
    if (!hasBody) {
      return super.handle(request, response, callback);
    }
    Verdict verdict = admission.judge(request);
    new Reception(request, response, callback, verdict, intake, getHandler()).begin();
    return true;
  }
}
