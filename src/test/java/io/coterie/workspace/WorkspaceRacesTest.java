package io.coterie.workspace;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;

/** The same workspace changed by several requests at once. */
class WorkspaceRacesTest {

  private static final int AT_ONCE = 8;

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

  @RepeatedTest(30)
  void add_oneAgentAllAtOnce_isThereOnce() throws Exception {
    String path = "/workspace/" + app.workspace(user);
    List<Callable<Answer>> calls = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      calls.add(() -> app.post(user.token(), path + "/agent", object("agent_id", "echo")));
    }
    assertThat(AllAtOnce.call(calls)).allMatch(answer -> answer.status() == 200);
    assertThat(workspace(path).path("agents")).hasSize(1);
  }

  @RepeatedTest(10)
  void add_othersAllAtOnce_whereOneMoreFits_isOneMore() throws Exception {
    String path = "/workspace/" + app.workspace(user);
    for (int i = 0; i < 99; i++) {
      app.post(user.token(), path + "/agent", object("agent_id", "agent-" + i));
    }
    List<Callable<Answer>> calls = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      String id = "another-" + i;
      calls.add(() -> app.post(user.token(), path + "/agent", object("agent_id", id)));
    }
    List<Answer> answers = AllAtOnce.call(calls);
    assertThat(answers).filteredOn(answer -> answer.status() == 200).hasSize(1);
    assertThat(answers)
        .filteredOn(answer -> answer.status() != 200)
        .allMatch(answer -> answer.status() == 400)
        .allMatch(answer -> answer.msg().equals("Workspace has too many agents"));
    assertThat(workspace(path).path("agents")).hasSize(100);
  }

  @RepeatedTest(30)
  void addAndRemove_allAtOnce_allSucceed() throws Exception {
    String path = "/workspace/" + app.workspace(user);
    List<Callable<Answer>> calls = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      String method = i % 2 == 0 ? "POST" : "DELETE";
      String body = object("agent_id", "echo").toString();
      calls.add(() -> app.send(user.token(), method, path + "/agent", body, java.util.Map.of()));
    }
    assertThat(AllAtOnce.call(calls)).allMatch(answer -> answer.status() == 200);
  }

  @RepeatedTest(30)
  void rename_allAtOnce_oneOfTheNamesStays() throws Exception {
    String path = "/workspace/" + app.workspace(user);
    List<Callable<Answer>> calls = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      String name = "name " + i;
      calls.add(() -> app.put(user.token(), path + "/rename", object("name", name)));
    }
    assertThat(AllAtOnce.call(calls)).allMatch(answer -> answer.status() == 200);
    assertThat(workspace(path).path("name").asText()).matches("name [0-7]");
  }

  @RepeatedTest(30)
  void delete_whileOthersUseIt_theyFindItGone() throws Exception {
    String id = app.workspace(user);
    String path = "/workspace/" + id;
    List<Answer> answers =
        AllAtOnce.call(
            List.of(
                () -> app.delete(user.token(), path, null),
                () -> app.post(user.token(), path + "/agent", object("agent_id", "echo")),
                () -> app.post(user.token(), "/chat?workspace_id=" + id, null),
                () -> app.put(user.token(), path + "/rename", object("name", "x")),
                () -> app.get(user.token(), path),
                () -> app.get(user.token(), path + "/chats"),
                () -> app.delete(user.token(), path, null)));
    assertThat(answers.stream().map(Answer::status)).containsOnly(200, 404);
    assertThat(app.get(user.token(), path).status()).isEqualTo(404);
  }

  private static com.fasterxml.jackson.databind.JsonNode workspace(String path) {
    return app.get(user.token(), path).json().path("workspace");
  }
}
