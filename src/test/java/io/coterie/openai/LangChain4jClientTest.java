package io.coterie.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import io.coterie.model.Gate;
import io.coterie.model.RunFailure;
import io.coterie.model.ScriptedModel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The OpenAI-compatible API as LangChain4j's client of OpenAI sees it. */
class LangChain4jClientTest extends OpenAiServer {

  @Test
  void chat_getsTextUsageAndReason() {
    ChatResponse response =
        client("coordinator", user.token())
            .chat(
                SystemMessage.from("Be brief."),
                UserMessage.from("one"),
                AiMessage.from("two"),
                UserMessage.from("three"));
    assertThat(response.aiMessage().text()).isEqualTo("Hello");
    assertThat(response.tokenUsage().totalTokenCount()).isEqualTo(10);
    assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(response.modelName()).isEqualTo("coordinator");
  }

  @Test
  void chat_refused_isTheExceptionForIt() {
    assertThatThrownBy(() -> client("coordinator", "wrong").chat("Hi"))
        .isInstanceOf(AuthenticationException.class)
        .hasMessageContaining("Invalid token");
    assertThatThrownBy(() -> client("none", user.token()).chat("Hi"))
        .isInstanceOf(ModelNotFoundException.class)
        .hasMessageContaining("model_not_found");
    model.then(ScriptedModel.failing(RunFailure.Code.MODEL_AUTH, "No key."));
    assertThatThrownBy(() -> client("coordinator", user.token()).chat("Hi"))
        .hasMessageContaining("No key.");
  }

  @Test
  void stream_getsPiecesUsageAndReason() throws Exception {
    Recorder recorder = new Recorder(false);
    streaming("coordinator", user.token()).chat("Hi", recorder);
    ChatResponse response = recorder.whole.get(20, TimeUnit.SECONDS);
    assertThat(recorder.pieces.toString()).isEqualTo("Hello");
    assertThat(response.aiMessage().text()).isEqualTo("Hello");
    assertThat(response.tokenUsage().inputTokenCount()).isEqualTo(7);
    assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void stream_refused_isTheExceptionForIt() {
    Recorder recorder = new Recorder(false);
    streaming("coordinator", "wrong").chat("Hi", recorder);
    assertThatThrownBy(() -> recorder.whole.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(AuthenticationException.class);
  }

  @Test
  void stream_thatIsCancelled_stopsTheRun() {
    Gate stopped = new Gate();
    model.then(
        (request, reply) -> {
          reply.text("Half");
          try {
            reply.awaitCancel();
          } finally {
            stopped.open();
          }
        });
    streaming("coordinator", user.token()).chat("Hi", new Recorder(true));
    stopped.await();
  }

  private OpenAiChatModel client(String name, String key) {
    return OpenAiChatModel.builder()
        .baseUrl(baseUrl())
        .apiKey(key)
        .modelName(name)
        .maxRetries(0)
        .build();
  }

  private OpenAiStreamingChatModel streaming(String name, String key) {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(baseUrl())
        .apiKey(key)
        .modelName(name)
        .build();
  }

  /** Keeps what comes, or hangs up at the first piece. */
  private static final class Recorder implements StreamingChatResponseHandler {
    final StringBuffer pieces = new StringBuffer();
    final CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
    private final boolean hangsUp;

    Recorder(boolean hangsUp) {
      this.hangsUp = hangsUp;
    }

    @Override
    public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
      pieces.append(piece.text());
      if (hangsUp) {
        context.streamingHandle().cancel();
      }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      whole.complete(response);
    }

    @Override
    public void onError(Throwable error) {
      whole.completeExceptionally(error);
    }
  }
}
