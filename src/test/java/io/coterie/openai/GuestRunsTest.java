package io.coterie.openai;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.model.Gate;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Completions of a user who is disabled or deleted meanwhile. */
class GuestRunsTest extends OpenAiServer {

  private Login admin;

  @BeforeEach
  void another() {
    admin = admin == null ? user : admin;
    user = app.login();
  }

  private void end(boolean delete) {
    if (delete) {
      app.delete(user.token(), "/user", object("password", AppFixture.password()));
    } else {
      app.put(admin.token(), "/admin/users/" + user.userId(), object().put("disabled", true));
    }
  }

  @ParameterizedTest
  @CsvSource({"false,false", "false,true", "true,false", "true,true"})
  void completion_whoseUserIsGone_isCancelled(boolean stream, boolean delete) {
    Gate asked = new Gate();
    Gate cancelled = new Gate();
    model.then(
        (request, reply) -> {
          reply.text("so far");
          asked.open();
          try {
            reply.awaitCancel();
          } finally {
            cancelled.open();
          }
        });
    CompletableFuture<Answer> answer =
        CompletableFuture.supplyAsync(
            () -> complete(asking("coordinator", "Hi").put("stream", stream)));
    asked.await();
    end(delete);
    cancelled.await();
    Answer told = answer.join();
    if (stream) {
      assertThat(told.response().body())
          .contains("so far", "Token has been revoked")
          .doesNotContain("[DONE]");
    } else {
      assertThat(told.status()).isEqualTo(401);
      assertThat(told.json().at("/error/message").asText()).isEqualTo("Token has been revoked");
    }
  }
}
