package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.RawClient;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every response carries X-Request-Id, also where no handler ran. */
class RequestIdsTest {

  private static AppFixture app;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @ParameterizedTest
  @CsvSource({
    "/ping,200",
    "/health,200",
    "/ready,200",
    "/nothing,404",
    "/register,405",
    "/user,401",
    "/chat/connect,426",
    "/agent/download,400",
    "/chat/events,401",
    "/%zz,400"
  })
  void response_anyStatus_carriesItsOwnId(String path, int status) {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      var reply = RawClient.get(app, path);
      assertThat(reply.status()).isEqualTo(status);
      ids.add(reply.headers().get("x-request-id"));
    }
    assertThat(ids).hasSize(3).doesNotContainNull();
  }

  @ParameterizedTest
  @CsvSource({
    "/chat/connect,400,Missing chat id",
    "/chat/connect?chat_id=x,400,Missing connection string",
    "/chat/connect?chat_id=x&connection_string=y,401,Invalid connection string",
    "/chat/connect?chat_id=%20&connection_string=y,400,Missing chat id",
    "/nothing,404,Not found"
  })
  void upgrade_refused_carriesIdAndTheUsualBody(String target, int status, String msg) {
    var reply = RawClient.upgrade(app, target);
    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.json()).isEqualTo(AppFixture.object("msg", msg));
    assertThat(reply.headers()).containsKey("x-request-id");
    if (status == 401) {
      assertThat(reply.headers()).containsEntry("www-authenticate", "Bearer");
    }
  }

  @Test
  void upgrade_accepted_carriesId() {
    var user = app.login();
    String chat = app.chat(user);
    String string = app.connectionString(user, chat);
    var reply =
        RawClient.upgrade(app, "/chat/connect?chat_id=" + chat + "&connection_string=" + string);
    assertThat(reply.status()).isEqualTo(101);
    assertThat(reply.headers()).containsKey("x-request-id");
  }

  @Test
  void id_fromTheClient_isNotTaken() {
    var answer = app.send(null, "GET", "/ping", null, Map.of("X-Request-Id", "mine"));
    assertThat(answer.response().headers().firstValue("X-Request-Id").orElseThrow())
        .isNotEqualTo("mine");
  }
}
