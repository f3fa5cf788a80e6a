package io.coterie.openai;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture.Answer;
import io.coterie.Await;
import io.coterie.model.ScriptedModel;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Completions are stored nowhere, but what they use is accounted and bounded as in chats. */
class CompletionUsageTest extends OpenAiServer {

  @Override
  String[] settings() {
    return new String[] {"quota.user.tokens-per-day=1000"};
  }

  @BeforeEach
  void freshUser() {
    user = app.login();
  }

  private JsonNode usage() {
    return app.get(user.token(), "/user/usage").json().path("usage");
  }

  private void use(int tokens) {
    model.then((request, reply) -> reply.text("x").complete(tokens - 1, 1));
  }

  @Test
  void completion_whenItHasEnded_isInTheUsage() {
    use(500);
    assertThat(complete(asking("coordinator", "Hi")).status()).isEqualTo(200);
    assertThat(stream(asking("coordinator", "Hi"))).last().isEqualTo("[DONE]");
    assertThat(complete(asking("echo", "Hi")).status()).isEqualTo(200);

    assertThat(usage()).hasSize(2);
    JsonNode coordinator = usage().path(0);
    assertThat(coordinator.path("agent_id").asText()).isEqualTo("coordinator");
    assertThat(coordinator.path("runs").asInt()).isEqualTo(2);
    assertThat(coordinator.path("input_tokens").asInt()).isEqualTo(499 + 7);
    assertThat(coordinator.path("output_tokens").asInt()).isEqualTo(1 + 3);
    JsonNode echo = usage().path(1);
    assertThat(echo.path("agent_id").asText()).isEqualTo("echo");
    assertThat(echo.path("runs").asInt()).isEqualTo(1);
    assertThat(echo.path("model").isNull()).isTrue();
  }

  @Test
  void completion_onceTheQuotaIsUsedUp_isRefusedInOpenAisWay() {
    use(1000);
    complete(asking("coordinator", "Hi"));

    Answer refused = complete(asking("coordinator", "Hi"));
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.json().at("/error/code").asText()).isEqualTo("insufficient_quota");
    assertThat(refused.json().at("/error/message").asText())
        .contains("quota.user.tokens-per-day")
        .contains("1000");
    // The clock stands at 10:00:00.123, UTC.
    assertThat(refused.response().headers().firstValue("Retry-After")).hasValue("50400");
    assertThat(refused.response().headers().firstValue("X-Should-Retry")).hasValue("false");
    Answer inChat = app.post(user.token(), "/chat/ask", object("message", "Hi"));
    assertThat(inChat.status()).isEqualTo(429);
    assertThat(complete(asking("echo", "Hi")).status()).isEqualTo(200);
  }

  @Test
  void completion_thatUsesTheQuotaUp_endsWithWhatItSaid() {
    model.then((request, reply) -> reply.text("y".repeat(10_000)).complete(7, 5_000));
    Answer answer = complete(asking("coordinator", "Hi"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(complete(asking("coordinator", "Hi")).status()).isEqualTo(429);
  }

  @Test
  void completion_whoseClientHangsUp_isInTheUsage() throws IOException {
    model.then(ScriptedModel.hanging("Hel"));
    try (Socket socket = open(asking("coordinator", "Hi").put("stream", true))) {
      awaitLine(socket, "Hel");
    }
    Await.until(() -> usage().size() == 1, () -> usage().toString());
    assertThat(usage().path(0).path("runs").asInt()).isEqualTo(1);
    assertThat(usage().path(0).path("input_tokens").asInt()).isPositive();
  }
}
