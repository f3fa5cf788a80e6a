package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.emptyOrNullString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.coterie.AppFixture;
import io.coterie.Expect;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Paths and methods that no route has. */
class UnknownPathsTest {

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
  @ValueSource(
      strings = {
        "/nothing",
        "/user/x",
        "/workspace/a/b",
        "/chat/x/y",
        "/agent/a/b",
        "/auth",
        "/auth/login/x"
      })
  void path_unknown_isNotFound(String path) {
    for (String method : Set.of("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")) {
      Expect.msg(app.send(null, method, path, null, Map.of()), 404, "Not found");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET|/register|POST",
        "GET|/auth/login|POST",
        "POST|/user|GET HEAD PUT DELETE",
        "PATCH|/user|GET HEAD PUT DELETE",
        "GET|/user/password|PUT",
        "PUT|/workspace|GET HEAD POST",
        "POST|/workspace/x|GET HEAD DELETE",
        "POST|/workspace/x/chats|GET HEAD",
        "GET|/workspace/x/agent|POST DELETE",
        "POST|/workspace/x/rename|PUT",
        "GET|/workspace/x/coordinator|PUT",
        "PATCH|/chat|GET HEAD POST DELETE",
        "POST|/chat/authorize|GET HEAD",
        "POST|/chat/connect|GET HEAD",
        "POST|/chat/events|GET",
        "GET|/chat/message|POST",
        "PUT|/agent|GET HEAD POST",
        "POST|/agent/download|GET HEAD",
        "POST|/agent/search|GET HEAD",
        "PUT|/registry/index.json|GET HEAD",
        "POST|/registry/x/y|GET HEAD PUT",
        "POST|/schemas/agent.json|GET HEAD",
        "POST|/ping|GET HEAD",
        "DELETE|/health|GET HEAD",
        "DELETE|/ready|GET HEAD"
      })
  void method_unknown_isRefusedAndAllowNamesTheOthers(String method, String path, String allowed) {
    var answer = app.send(null, method, path, null, Map.of());
    Expect.msg(answer, 405, "Method not allowed");
    assertThat(allow(answer)).contains("OPTIONS").containsAll(Set.of(allowed.split(" ")));
    assertThat(allow(answer)).doesNotContain(method);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/user|GET PUT DELETE OPTIONS",
        "/register|POST OPTIONS",
        "/workspace/any/agent|POST DELETE OPTIONS",
        "/chat/connect|GET OPTIONS"
      })
  void options_knownPath_isEmptyAndNamesTheMethods(String path, String allowed) {
    var answer = app.send(null, "OPTIONS", path, null, Map.of());
    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.response().body()).isEmpty();
    assertThat(allow(answer)).containsAll(Set.of(allowed.split(" ")));
    assertThat(answer.response().headers().firstValue("X-Request-Id")).isPresent();
  }

  @Test
  void head_publicPath_isLikeGetWithoutBody() {
    app.rest(null)
        .when()
        .head("/ping")
        .then()
        .statusCode(200)
        .header("Content-Type", equalTo("application/json"))
        .header("X-Request-Id", not(emptyOrNullString()));
    assertThat(app.send(null, "HEAD", "/ping", null, Map.of()).response().body()).isEmpty();
  }

  @Test
  void head_withoutToken_is401() {
    app.rest(null).when().head("/workspace").then().statusCode(401);
    app.rest(null).when().head("/chat?chat_id=x").then().statusCode(401);
  }

  @Test
  void unknownPath_isToldBeforeAuthentication() {
    Expect.msg(app.get("bad token", "/nothing"), 404, "Not found");
    Expect.msg(app.send("bad token", "PATCH", "/user", null, Map.of()), 405, "Method not allowed");
  }

  private static Set<String> allow(AppFixture.Answer answer) {
    return Set.of(answer.response().headers().firstValue("Allow").orElse("").split(", "));
  }
}
