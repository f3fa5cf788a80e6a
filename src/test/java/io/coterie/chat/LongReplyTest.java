package io.coterie.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture.Answer;
import io.coterie.model.ScriptedModel;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** A reply that does not come to an end by itself. */
class LongReplyTest extends SharedServer {

  private static final String PIECE = "x".repeat(100_000);

  @Override
  String[] settings() {
    return new String[] {"agents.max-tokens=10000000"};
  }

  @Test
  void reply_overTheBound_isEndedAndKeepsItsText() {
    String chat = chat();
    model.then(
        (request, reply) -> {
          for (int i = 0; i < 10; i++) {
            reply.text(PIECE);
          }
          reply.text("!").awaitCancel();
        });
    Answer answer = ask(chat, "Go on for ever");
    assertThat(answer.status()).isEqualTo(502);
    assertThat(answer.json().path("code").asText()).isEqualTo("budget_exhausted");
    JsonNode reply = messages(chat).path(1);
    assertThat(reply.path("status").asText()).isEqualTo("failed");
    assertThat(reply.path("content").asText()).isEqualTo(PIECE.repeat(10));
    assertThat(brief(stored(chat)))
        .endsWith("agent failed", "message failed", "error", "run failed");
    assertThat(ask(chat, "@echo free").status()).isEqualTo(200);
  }

  @Test
  void reply_ofExactlyTheBound_completes() {
    String chat = chat();
    model.then(ScriptedModel.pieces(Collections.nCopies(10, PIECE).toArray(String[]::new)));
    assertThat(ask(chat, "Go on").json().path("content").asText()).isEqualTo(PIECE.repeat(10));
  }
}
