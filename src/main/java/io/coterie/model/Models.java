package io.coterie.model;

import dev.langchain4j.model.chat.StreamingChatModel;
import java.util.Optional;

/** Where the agent runner gets its language models from. Implementations are thread-safe. */
public interface Models {

  /** Whether there is a default model. */
  boolean configured();

  /** The default model as {@code PROVIDER/MODEL}. */
  Optional<String> defaultModel();

  /**
   * Prepares a model for one run. No connection is made before the first {@code chat}.
   *
   * <p>What the returned model promises beyond LangChain4j's interface: {@code chat} does not block
   * and does not throw; each call reaches its handler's {@code onCompleteResponse} or {@code
   * onError} exactly once, and nothing follows it. An error found before anything is sent is
   * reported on the calling thread, before {@code chat} returns; all else on a thread of the
   * implementation's. That thread is shared, so a handler must be quick and must not wait for
   * another reply. {@link ModelErrors} turns the error into words. One call is one request: nothing
   * is tried again.
   *
   * <p>A response's token usage is null where the provider does not count. Each of its tool
   * requests has a name and an id of its own; its arguments are what the model wrote, which should
   * be a JSON object but need not be JSON at all, and {@code {}} where it wrote none. With tool
   * requests the finish reason is {@code TOOL_EXECUTION}, or {@code LENGTH} where the reply was cut
   * off, so that the last arguments may be. {@code onCompleteToolCall} is called just before the
   * end. Replies and results of tools go back as they came: what a provider would refuse in them is
   * mended.
   *
   * @param ref {@code PROVIDER/MODEL}, or null for the default
   * @param temperature null for the provider's own choice
   * @param maxOutputTokens null for the provider's own choice
   * @param cancellation ends the calls of this model when it is cancelled: the request is torn down
   *     and {@code onError} gets a {@link java.util.concurrent.CancellationException}
   * @throws RunFailure with {@link RunFailure.Code#MODEL_NOT_CONFIGURED} and the setting to change
   */
  StreamingChatModel open(
      String ref, Double temperature, Integer maxOutputTokens, Cancellation cancellation);
}
