package io.coterie.user;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.Expect;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The first user is the admin, exactly one of however many register at once. */
class FirstUserTest {

  private static final int USERS = 8;

  @Test
  void role_firstUser_isAdminAndTheNextAreUsers() {
    try (AppFixture app = AppFixture.start()) {
      assertThat(role(app, app.login())).isEqualTo("admin");
      assertThat(role(app, app.login())).isEqualTo("user");
      assertThat(role(app, app.login())).isEqualTo("user");
    }
  }

  @RepeatedTest(4)
  void register_firstUsersAllAtOnce_makesExactlyOneAdmin() throws Exception {
    try (AppFixture app = AppFixture.start()) {
      List<Callable<Answer>> calls = new ArrayList<>();
      for (int i = 0; i < USERS; i++) {
        String email = "u" + i + "@example.com";
        calls.add(() -> register(app, email));
      }
      assertThat(AllAtOnce.call(calls)).allMatch(answer -> answer.status() == 200);
      List<String> roles = new ArrayList<>();
      for (int i = 0; i < USERS; i++) {
        roles.add(role(app, "u" + i + "@example.com"));
      }
      assertThat(roles).containsOnly("admin", "user").containsOnlyOnce("admin");
    }
  }

  @RepeatedTest(4)
  void register_sameEmailsAllAtOnce_eachOnce() throws Exception {
    try (AppFixture app = AppFixture.start()) {
      List<Callable<Answer>> calls = new ArrayList<>();
      for (int i = 0; i < USERS; i++) {
        String email = i % 2 == 0 ? "one@example.com" : "TWO@example.com";
        calls.add(() -> register(app, email));
      }
      List<Answer> answers = AllAtOnce.call(calls);
      assertThat(answers.stream().filter(answer -> answer.status() == 200)).hasSize(2);
      answers.stream()
          .filter(answer -> answer.status() != 200)
          .forEach(answer -> Expect.msg(answer, 400, "User already exists"));
      assertThat(List.of(role(app, "one@example.com"), role(app, "two@example.com")))
          .containsExactlyInAnyOrder("admin", "user");
    }
  }

  @Test
  void register_closed_onlyTheFirstMay() {
    try (AppFixture app = AppFixture.start("auth.registration=closed")) {
      assertThat(register(app, "first@example.com").status()).isEqualTo(200);
      Expect.msg(register(app, "second@example.com"), 403, "Registration is closed");
      Expect.msg(register(app, "first@example.com"), 403, "Registration is closed");
      Expect.msg(
          app.post(null, "/register", object("email", "x@y")),
          400,
          "Missing email/password parameter");
      assertThat(role(app, "first@example.com")).isEqualTo("admin");
    }
  }

  @RepeatedTest(2)
  void register_closedAllAtOnce_oneMay() throws Exception {
    try (AppFixture app = AppFixture.start("auth.registration=closed")) {
      List<Callable<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < USERS; i++) {
        String email = "u" + i + "@example.com";
        calls.add(() -> register(app, email).status());
      }
      assertThat(AllAtOnce.call(calls)).containsOnly(200, 403).containsOnlyOnce(200);
    }
  }

  private static Answer register(AppFixture app, String email) {
    return app.post(null, "/register", object("email", email, "password", "p"));
  }

  private static String role(AppFixture app, String email) {
    String token =
        app.post(null, "/auth/login", object("email", email, "password", "p"))
            .json()
            .path("access_token")
            .asText();
    return app.get(token, "/user").json().path("user").path("role").asText();
  }

  private static String role(AppFixture app, AppFixture.Login user) {
    return app.get(user.token(), "/user").json().path("user").path("role").asText();
  }
}
