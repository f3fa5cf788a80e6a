package io.coterie.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** GET /agent and GET /agent/{id}. */
class AgentsTest {

  private static AppFixture app;
  private static Login user;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    user = app.login();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void list_freshServer_hasTheBuiltInAgents() {
    JsonNode agents = app.get(user.token(), "/agent").json().path("agents");
    assertThat(agents.findValuesAsText("agent_id"))
        .containsExactlyInAnyOrder("guide", "echo", "calculator", "coordinator");
    for (JsonNode agent : agents) {
      assertThat(agent.fieldNames())
          .toIterable()
          .containsExactly(
              "agent_id",
              "name",
              "description",
              "version",
              "kind",
              "source",
              "delegates",
              "tools",
              "starters");
      assertThat(agent.path("kind").asText()).isEqualTo("builtin");
      assertThat(agent.path("source").asText()).isEqualTo("builtin");
    }
  }

  @Test
  void get_builtIn_isTheOneOfTheList() {
    for (JsonNode agent : app.get(user.token(), "/agent").json().path("agents")) {
      app.rest(user.token())
          .when()
          .get("/agent/" + agent.path("agent_id").asText())
          .then()
          .statusCode(200)
          .body(equalTo(agent.toString()));
    }
  }

  @Test
  void get_unknown_is404() {
    for (String id : new String[] {"nobody", "Guide", "GUIDE", "guide%20", "%2F"}) {
      Expect.msg(app.get(user.token(), "/agent/" + id), 404, "Agent not found");
    }
  }

  @Test
  void agents_withoutToken_are401() {
    Expect.msg(app.get(null, "/agent"), 401, "Missing Authorization Header");
    Expect.msg(app.get(null, "/agent/guide"), 401, "Missing Authorization Header");
  }
}
