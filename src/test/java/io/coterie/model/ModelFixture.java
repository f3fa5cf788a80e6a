package io.coterie.model;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.time.Duration;
import java.util.Map;

/** A catalog whose only provider, {@code local}, is a {@link ScriptedProvider}. */
final class ModelFixture implements AutoCloseable {

  static final ModelTimeouts PATIENT =
      new ModelTimeouts(
          Duration.ofSeconds(ScriptedProvider.PATIENCE_SECONDS),
          Duration.ofSeconds(2L * ScriptedProvider.PATIENCE_SECONDS),
          Duration.ofSeconds(2L * ScriptedProvider.PATIENCE_SECONDS));

  static final String REF = "local/m";

  final ScriptedProvider server = ScriptedProvider.start();
  final Cancellation cancellation = new Cancellation();
  final ModelCatalog models;

  ModelFixture(WireFormat format) {
    this(format, PATIENT);
  }

  ModelFixture(WireFormat format, ModelTimeouts timeouts) {
    models =
        new ModelCatalog(Map.of("local", server.provider("local", format.type())), REF, timeouts);
  }

  ReplyRecorder ask() {
    return ask(new ReplyRecorder());
  }

  ReplyRecorder ask(ReplyRecorder recorder) {
    models.open(null, null, null, cancellation).chat(question(), recorder);
    return recorder;
  }

  /** Asks, waits for the failure and describes it. */
  RunFailure askInVain() {
    return ModelErrors.describe(ask().awaitError(), REF);
  }

  static ChatRequest question() {
    return ChatRequest.builder().messages(UserMessage.from("Hello?")).build();
  }

  @Override
  public void close() {
    models.close();
    server.close();
  }
}
