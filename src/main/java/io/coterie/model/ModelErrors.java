package io.coterie.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.langchain4j.exception.HttpException;
import io.coterie.model.RunFailure.Code;
import io.coterie.model.RunFailure.Remedy;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import javax.net.ssl.SSLException;

/**
 * Turns what a model call failed with into words for people, and into what can be done about it
 * ({@link RunFailure#remedy}). The texts hold no key, class name or address; what the provider said
 * is quoted where it helps, on one line of at most 300 characters.
 */
public final class ModelErrors {

  /** Who asks for more than this has not the next moment in mind. */
  private static final Duration A_MOMENT = Duration.ofMinutes(1);

  private static final String SOON = "try again in a moment";

  private ModelErrors() {}

  /** Whether the call ended because its run was cancelled: no failure, so not for describing. */
  public static boolean isCancelled(Throwable error) {
    return find(error, CancellationException.class) != null;
  }

  /**
   * Describes {@code error}, which becomes the cause, for the log; a {@link RunFailure} is kept as
   * it is.
   *
   * @param modelRef {@code PROVIDER/MODEL}, to name the model and the provider's settings; may be
   *     null
   */
  public static RunFailure describe(Throwable error, String modelRef) {
    RunFailure described = find(error, RunFailure.class);
    if (described != null) {
      return described;
    }
    Names names = Names.of(modelRef);
    HttpException status = find(error, HttpException.class);
    if (status != null) {
      ProviderError said = ProviderError.parse(status.getMessage());
      RetryAdvice advice =
          status instanceof RefusedRequest refused ? refused.advice() : RetryAdvice.SILENT;
      return failure(byStatus(status.statusCode(), said, names), error, advice);
    }
    CallFailure call = find(error, CallFailure.class);
    return failure(call != null ? byCall(call, names) : byCause(error), error, RetryAdvice.SILENT);
  }

  private record Text(Code code, String text, Remedy remedy) {
    Text(Code code, String text) {
      this(code, text, Remedy.NONE);
    }
  }

  private static RunFailure failure(Text text, Throwable cause, RetryAdvice advice) {
    Duration delay = advice.delay();
    if (text.remedy() != Remedy.WAIT) {
      return new RunFailure(text.code(), text.text(), cause, text.remedy(), delay);
    }
    boolean isLong = delay != null && delay.compareTo(A_MOMENT) > 0;
    return new RunFailure(
        text.code(),
        isLong ? text.text().replace(SOON, "it asks to wait " + inWords(delay)) : text.text(),
        cause,
        isLong || advice.never() ? Remedy.NONE : Remedy.WAIT,
        delay);
  }

  private static String inWords(Duration delay) {
    long minutes = delay.plusSeconds(59).toMinutes();
    return minutes < 120 ? minutes + " minutes" : (minutes + 59) / 60 + " hours";
  }

  private static Text byStatus(int status, ProviderError said, Names names) {
    if (status == 402 || (status != 401 && status < 500 && said.isUsedUp())) {
      return usedUp();
    }
    if (status != 401 && status != 403 && said.refusesTools()) {
      return new Text(
          Code.MODEL_REJECTED,
          withQuote("The model " + names.model() + " cannot use tools.", said),
          Remedy.WITHOUT_TOOLS);
    }
    return switch (status) {
      case 401, 403 -> refusedKey(said, names);
      case 408 -> new Text(Code.MODEL_TIMEOUT, "The model provider gave up waiting.");
      case 404 -> notFound(said, names);
      case 413 -> tooLong(said, names);
      // A limit on tokens in a minute is out of reach for a request that has more by itself.
      case 429 -> said.says("request too large") ? tooLong(said, names) : tooMany();
      case 501, 505 -> new Text(Code.MODEL_UNAVAILABLE, unavailable(said).text());
      default ->
          said.isTooLong()
              ? tooLong(said, names)
              : status >= 500 ? unavailable(said) : rejected(status, said, names);
    };
  }

  private static Text refusedKey(ProviderError said, Names names) {
    String text = "The model provider refused the key (" + names.setting("api-key") + ").";
    // A 403 is often about the model or the region, which the key's owner cannot guess.
    return new Text(
        Code.MODEL_AUTH,
        said.isMarked("permission", "unsupported_country") ? withQuote(text, said) : text);
  }

  private static Text usedUp() {
    return new Text(
        Code.MODEL_RATE_LIMITED,
        "The quota or the credit at the model provider is used up; its account page shows it.");
  }

  private static Text tooMany() {
    return new Text(
        Code.MODEL_RATE_LIMITED,
        "The model provider limits the rate of requests; " + SOON + ".",
        Remedy.WAIT);
  }

  private static Text unavailable(ProviderError said) {
    return new Text(
        Code.MODEL_UNAVAILABLE,
        said.says("overloaded")
            ? "The model provider is overloaded; " + SOON + "."
            : "The model provider has a problem of its own; try again later.",
        Remedy.WAIT);
  }

  private static Text notFound(ProviderError said, Names names) {
    String text =
        said.says("model")
            ? "The model provider does not know the model " + names.model() + "."
            : "The model provider has nothing at this address (" + names.setting("base-url") + ").";
    return new Text(Code.MODEL_REJECTED, withQuote(text, said));
  }

  private static Text tooLong(ProviderError said, Names names) {
    return new Text(
        Code.MODEL_REJECTED,
        withQuote("The conversation is too long for the model " + names.model() + ".", said),
        Remedy.SHORTEN);
  }

  private static Text rejected(int status, ProviderError said, Names names) {
    if (said.isMarked("model_not_found")) {
      return notFound(said, names);
    }
    if (status >= 300 && status < 400) {
      return new Text(
          Code.MODEL_REJECTED,
          "The model provider answers from another address (" + names.setting("base-url") + ").");
    }
    String text = "The model provider rejected the request";
    return new Text(
        Code.MODEL_REJECTED,
        said.message().isEmpty() && status > 0
            ? text + " (HTTP " + status + ")."
            : withQuote(text + ".", said));
  }

  private static String withQuote(String text, ProviderError said) {
    return said.message().isEmpty() ? text : text + " It says: " + said.message();
  }

  private static Text byCall(CallFailure call, Names names) {
    return switch (call.kind()) {
      case SILENT ->
          new Text(Code.MODEL_TIMEOUT, "The model provider did not begin to answer in time.");
      case STALLED ->
          new Text(Code.MODEL_TIMEOUT, "The model provider stopped in the middle of its answer.");
      case BROKE_OFF ->
          new Text(
              Code.MODEL_UNAVAILABLE,
              "The model provider's answer broke off; try again.",
              Remedy.WAIT);
      case UNREADABLE -> unreadable();
      case TOO_LARGE ->
          new Text(Code.MODEL_REJECTED, "The model provider's answer is larger than any may be.");
      case REPORTED -> byReport(ProviderError.parse(call.getMessage()), names);
    };
  }

  /** An error reported in the stream has a name where others have a status. */
  private static Text byReport(ProviderError said, Names names) {
    if (said.code() >= 400 && said.code() < 600) {
      return byStatus(said.code(), said, names);
    }
    if (said.isUsedUp()) {
      return usedUp();
    }
    if (said.isMarked("rate_limit")) {
      return tooMany();
    }
    if (said.isMarked("authentication", "permission", "invalid_api_key")) {
      return refusedKey(said, names);
    }
    if (said.isMarked("timeout")) {
      return byStatus(408, said, names);
    }
    if (said.isMarked("not_found")) {
      return notFound(said, names);
    }
    if (said.isTooLong()) {
      return tooLong(said, names);
    }
    if (said.isMarked("invalid_request", "invalid_prompt", "content_filter")) {
      return rejected(0, said, names);
    }
    if (said.says("overloaded")) {
      return unavailable(said);
    }
    return new Text(
        Code.MODEL_UNAVAILABLE,
        withQuote("The model provider's answer broke off.", said),
        Remedy.WAIT);
  }

  private static Text byCause(Throwable error) {
    if (find(error, HttpTimeoutException.class) != null) {
      return new Text(Code.MODEL_TIMEOUT, "The model provider could not be reached in time.");
    }
    if (find(error, ConnectException.class) != null
        || find(error, UnknownHostException.class) != null
        || find(error, UnresolvedAddressException.class) != null) {
      return new Text(Code.MODEL_UNAVAILABLE, "The model provider cannot be reached.");
    }
    if (find(error, SSLException.class) != null) {
      return new Text(
          Code.MODEL_UNAVAILABLE, "No secure connection to the model provider can be made.");
    }
    if (find(error, JsonProcessingException.class) != null
        || find(error, ProtocolException.class) != null) {
      return unreadable();
    }
    if (find(error, IOException.class) != null) {
      return new Text(
          Code.MODEL_UNAVAILABLE,
          "The connection to the model provider broke off; try again.",
          Remedy.WAIT);
    }
    return new Text(Code.INTERNAL, "The reply failed for a reason inside the server.");
  }

  private static Text unreadable() {
    return new Text(
        Code.MODEL_UNAVAILABLE, "The model provider's answer is not in the form it should have.");
  }

  private static <T extends Throwable> T find(Throwable error, Class<T> type) {
    Throwable current = error;
    for (int depth = 0; current != null && depth < 20; depth++) {
      if (type.isInstance(current)) {
        return type.cast(current);
      }
      current = current.getCause();
    }
    return null;
  }

  /** How the provider's settings and the model are called in texts. */
  private record Names(String provider, String model) {

    static Names of(String modelRef) {
      int slash = modelRef == null ? -1 : modelRef.indexOf('/');
      return slash < 0
          ? new Names("NAME", "asked for")
          : new Names(
              ProviderError.tidy(modelRef.substring(0, slash)),
              ProviderError.tidy(modelRef.substring(slash + 1)));
    }

    String setting(String key) {
      return "provider." + provider + "." + key;
    }
  }
}
