package io.coterie.tools;

import io.coterie.net.BoundedBytes;
import io.coterie.net.ForbiddenAddressException;
import io.coterie.net.SseReader;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpHeader;

/** Takes the answer to one request, as JSON or as a stream of events. For one exchange. */
final class HttpAnswer implements Response.Listener {

  static final String FORBIDDEN =
      "The tool server's address leads to this host or a private network, which only an admin's"
          + " agents may use.";

  /** For what is sent without caring how it is answered. */
  static final class Ignored implements Response.Listener {

    private final CompletableFuture<Void> over = new CompletableFuture<>();

    @Override
    public void onHeaders(Response response) {
      boolean content = response.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > 0;
      if (content || response.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
        var unused = response.abort(ToolFailure.of("Its content is not wanted."));
      }
    }

    @Override
    public void onComplete(Result result) {
      over.complete(null);
    }

    /** Completes with the exchange, however it ends. */
    CompletableFuture<Void> over() {
      return over;
    }
  }

  /** For the stream on which a server says what nobody has asked for. */
  static final class Listening implements Response.Listener {

    private final Consumer<Boolean> onEnd;
    private final SseReader events;
    private boolean begun;

    /**
     * @param onEnd told whether it is worth asking again
     */
    Listening(HttpTransport transport, Consumer<Boolean> onEnd) {
      this.onEnd = onEnd;
      this.events = HttpAnswer.events(transport);
    }

    @Override
    public void onHeaders(Response response) {
      begun = response.getStatus() == 200 && type(response).equals(HttpTransport.STREAM);
      if (!begun) {
        var unused = response.abort(ToolFailure.of("The server offers no such stream."));
      }
    }

    @Override
    public void onContent(Response response, ByteBuffer piece) {
      if (begun && !events.read(piece)) {
        var unused = response.abort(ToolFailure.of("An event is too long."));
      }
    }

    @Override
    public void onComplete(Result result) {
      onEnd.accept(begun);
    }
  }

  private final HttpTransport transport;
  private final Pending pending;
  private final boolean inSession;
  private final String who;
  private final BoundedBytes json = new BoundedBytes(ToolTransport.MAX_MESSAGE);
  private SseReader events;
  private ToolFailure refusal;

  HttpAnswer(HttpTransport transport, Pending pending, boolean inSession, String who) {
    this.transport = transport;
    this.pending = pending;
    this.inSession = inSession;
    this.who = who;
  }

  @Override
  public void onHeaders(Response response) {
    int status = response.getStatus();
    String type = type(response);
    if (status >= 300) {
      refuse(response, refusal(status));
    } else if (type.equals(HttpTransport.STREAM)) {
      events = events(transport);
    } else if (!type.equals(HttpTransport.JSON)) {
      refuse(response, ToolFailure.of(who + " does not answer as a tool server does."));
    }
    String session = response.getHeaders().get(HttpTransport.SESSION);
    if (refusal == null && session != null) {
      transport.joined(session);
    }
  }

  private static SseReader events(HttpTransport transport) {
    return new SseReader(
        ToolTransport.MAX_MESSAGE,
        (type, data) -> {
          if (type.equals(SseReader.MESSAGE) && !data.isBlank()) {
            transport.received(data);
          }
        });
  }

  private static String type(Response response) {
    String type = response.getHeaders().get(HttpHeader.CONTENT_TYPE);
    return type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }

  private ToolFailure refusal(int status) {
    if (status == 404 && inSession || status == 400 && inSession) {
      // Some servers answer 400 for a session that they do not know.
      ToolFailure lost = ToolFailure.untouched(who + " has forgotten the session.", null);
      transport.lost(lost);
      return lost;
    }
    if (status == 401 || status == 403) {
      return ToolFailure.of(who + " wants a login that Coterie cannot give.");
    }
    if (status < 400) {
      return ToolFailure.of(who + " sends elsewhere, where Coterie does not follow.");
    }
    return ToolFailure.of(who + " answered with the status " + status + ".");
  }

  private void refuse(Response response, ToolFailure why) {
    refusal = why;
    var unused = response.abort(why);
  }

  @Override
  public void onContent(Response response, ByteBuffer piece) {
    if (events != null && pending.answer().isDone()) {
      var unused = response.abort(ToolFailure.of("The answer is there."));
      return;
    }
    boolean fits = events == null ? json.add(piece) : events.read(piece);
    if (!fits) {
      refuse(response, ToolFailure.of(who + " sent a message that is too long."));
    }
  }

  @Override
  public void onComplete(Result result) {
    if (refusal == null && result.isSucceeded() && events == null) {
      transport.received(json.text());
    }
    if (pending.answer().isDone()) {
      return;
    }
    if (refusal != null) {
      transport.fail(pending, refusal);
    } else if (result.isSucceeded() && events == null) {
      transport.fail(
          pending, ToolFailure.of(who + " gave an answer that Coterie does not understand."));
    } else if (result.isSucceeded()) {
      transport.fail(pending, ToolFailure.of(who + " ended its answer before it was whole."));
    } else {
      transport.fail(pending, failure(result.getFailure()));
    }
  }

  private ToolFailure failure(Throwable cause) {
    for (Throwable c = cause; c != null; c = c.getCause()) {
      if (c instanceof ToolFailure known) {
        return known;
      }
      if (c instanceof ForbiddenAddressException) {
        return ToolFailure.of(FORBIDDEN, cause);
      }
      if (c instanceof UnknownHostException || c instanceof UnresolvedAddressException) {
        return ToolFailure.of(who + " could not be found.", cause);
      }
      if (c instanceof SSLException) {
        return ToolFailure.of("No secure connection to " + lower() + " could be made.", cause);
      }
      if (!pending.isSent()
          && (c instanceof ConnectException || c instanceof SocketTimeoutException)) {
        ToolFailure gone = ToolFailure.untouched(who + " could not be reached.", cause);
        if (inSession) {
          transport.lost(gone);
        }
        return gone;
      }
    }
    return pending.isSent()
        ? ToolFailure.of(who + " ended its answer before it was whole.", cause)
        : ToolFailure.of(who + " could not be reached.", cause);
  }

  private String lower() {
    return who.substring(0, 1).toLowerCase(Locale.ROOT) + who.substring(1);
  }
}
