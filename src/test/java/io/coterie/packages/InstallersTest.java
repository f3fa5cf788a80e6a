package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may install packages, by agents.install and by what a package does. */
class InstallersTest {

  private static final String COMMANDS = "Only an admin may install a package that runs commands";
  private static final String SUMMARIZER = "/agent/download?query=summarizer";

  private static PackageServer registry;

  @BeforeAll
  static void start() {
    registry = new PackageServer();
    registry.add("runs", "1.0.0", ",\"tools\":[{\"mcp\":{\"command\":[\"true\"]}}]");
  }

  @AfterAll
  static void stop() {
    registry.close();
  }

  private static AppFixture app(String installers) {
    return AppFixture.start(
        "agents.install=" + installers, "registry.urls=" + registry.url() + ",bundled:");
  }

  @Test
  void install_byUsers_needsAToken() {
    try (AppFixture app = app("users")) {
      Login admin = app.login();
      Login user = app.login();
      refusedUnlessThere(app);
      Expect.msg(app.get(null, SUMMARIZER), 401, "Missing Authorization Header");
      assertThat(app.get(user.token(), "/agent/summarizer").status()).isEqualTo(404);
      assertThat(app.get(user.token(), SUMMARIZER).status()).isEqualTo(200);
      runsCommands(app, admin, user);
    }
  }

  @Test
  void install_ofAnothersAgent_changesNothing() {
    registry.addTwo("shared", "1.0.0", "1.1.0");
    try (AppFixture app = app("users")) {
      Login admin = app.login();
      Login owner = app.login();
      Login other = app.login();
      String again = "/agent/download?query=shared&version=1.0.0";
      assertThat(app.get(owner.token(), again).status()).isEqualTo(200);
      assertThat(app.get(other.token(), again).status()).isEqualTo(200);
      String newer = "/agent/download?query=shared&version=1.1.0";
      Expect.msg(app.get(other.token(), newer), 403, "User is not the owner of the agent");
      Expect.msg(
          app.delete(other.token(), "/agent/shared", null),
          403,
          "User is not the owner of the agent");
      assertThat(app.get(admin.token(), newer).status()).isEqualTo(200);
      Expect.msg(
          app.delete(owner.token(), "/agent/shared", null),
          403,
          "User is not the owner of the agent");
      assertThat(app.delete(admin.token(), "/agent/shared", null).msg())
          .isEqualTo("Agent uninstalled");
      Expect.msg(app.get(owner.token(), "/agent/shared"), 404, "Agent not found");
      Expect.msg(
          app.delete(admin.token(), "/agent/guide", null),
          403,
          "User is not the owner of the agent");
    }
  }

  @Test
  void install_byAdmins_needsTheRole() {
    try (AppFixture app = app("admins")) {
      Login admin = app.login();
      Login user = app.login();
      refusedUnlessThere(app);
      Expect.msg(app.get(null, SUMMARIZER), 401, "Missing Authorization Header");
      Expect.msg(app.get(user.token(), SUMMARIZER), 403, "Admin only");
      assertThat(app.get(admin.token(), SUMMARIZER).status()).isEqualTo(200);
      assertThat(app.get(admin.token(), "/agent/download?query=runs").status()).isEqualTo(200);
    }
  }

  @Test
  void install_byAnyone_needsNoToken() {
    try (AppFixture app = app("anyone")) {
      Login admin = app.login();
      Login user = app.login();
      refusedUnlessThere(app);
      assertThat(app.get(null, SUMMARIZER).json().textValue())
          .isEqualTo("Successfully installed summarizer:1.0.0");
      Expect.msg(app.get(null, "/agent/download?query=runs"), 403, COMMANDS);
      runsCommands(app, admin, user);
    }
  }

  /** What is asked for wrongly is told to anybody. */
  private static void refusedUnlessThere(AppFixture app) {
    assertThat(app.get(null, "/agent/download").response().body())
        .isEqualTo("{\"error\":\"Missing param 'query'\"}");
    assertThat(app.get(null, "/agent/download?query=nothing").json().textValue())
        .isEqualTo("Package not found: nothing:latest");
    assertThat(app.get(null, SUMMARIZER + "&version=7.0.0").json().textValue())
        .isEqualTo("Package not found: summarizer:7.0.0");
  }

  private static void runsCommands(AppFixture app, Login admin, Login user) {
    Expect.msg(app.get(user.token(), "/agent/download?query=runs"), 403, COMMANDS);
    assertThat(app.get(user.token(), "/agent/runs").status()).isEqualTo(404);
    assertThat(app.get(admin.token(), "/agent/download?query=runs").json().textValue())
        .isEqualTo("Successfully installed runs:1.0.0");
    assertThat(app.get(user.token(), "/agent/runs").status()).isEqualTo(200);
  }
}
