package io.coterie;

import dev.langchain4j.model.chat.StreamingChatModel;
import io.coterie.model.Cancellation;
import io.coterie.model.Models;
import io.coterie.model.RunFailure;
import java.util.Optional;

/** What a server has where no model is configured. */
final class NoModels implements Models {
  @Override
  public boolean configured() {
    return false;
  }

  @Override
  public Optional<String> defaultModel() {
    return Optional.empty();
  }

  @Override
  public StreamingChatModel open(
      String ref, Double temperature, Integer maxOutputTokens, Cancellation cancellation) {
    throw new RunFailure(
        RunFailure.Code.MODEL_NOT_CONFIGURED, "No model is configured. Set model.default.");
  }
}
