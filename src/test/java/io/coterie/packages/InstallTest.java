package io.coterie.packages;

import static io.coterie.AppFixture.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Installations that meet each other, break off, or replace what is there. */
class InstallTest {

  private TestServer registry;
  private AppFixture app;
  private Login admin;

  @BeforeEach
  void start() {
    registry = new TestServer();
    app = AppFixture.startOnDisk("registry.urls=" + registry.url());
    admin = app.login();
  }

  @AfterEach
  void stop() {
    registry.close();
    app.close();
  }

  private static byte[] zip(String name, String version) {
    return PackageServer.zip(PackageServer.manifest(name, version, ""));
  }

  private void offer(String name, String... versions) {
    Map<String, byte[]> archives = new java.util.LinkedHashMap<>();
    for (String version : versions) {
      archives.put(version, zip(name, version));
    }
    registry.packages(name, archives);
  }

  private Answer install(String name, String version) {
    return app.get(admin.token(), "/agent/download?query=" + name + "&version=" + version);
  }

  private static void installed(Answer answer, String what) {
    assertThat(answer.json().textValue()).isEqualTo("Successfully installed " + what);
  }

  private String version(String name) {
    return app.get(admin.token(), "/agent/" + name).json().path("version").asText();
  }

  @Test
  void install_versionThatIsThere_isNotDownloadedAgain() {
    offer("once", "1.0.0");
    for (int i = 0; i < 3; i++) {
      installed(install("once", "1.0.0"), "once:1.0.0");
      installed(install("once", ""), "once:1.0.0");
    }
    assertThat(Collections.frequency(registry.requests(), "/once/once-1.0.0.zip")).isEqualTo(1);
  }

  @Test
  void install_otherVersionByName_goesUpAndDown() {
    offer("updown", "1.0.0", "1.1.0", "2.0.0-rc.1");
    for (String version : List.of("1.1.0", "1.0.0", "2.0.0-rc.1", "1.0.0")) {
      installed(install("updown", version), "updown:" + version);
      assertThat(version("updown")).isEqualTo(version);
      app.restart();
      assertThat(version("updown")).isEqualTo(version);
    }
    installed(install("updown", "latest"), "updown:1.1.0");
  }

  @Test
  void upgrade_thatFails_leavesTheOldVersion() {
    offer("steady", "1.0.0");
    installed(install("steady", "1.0.0"), "steady:1.0.0");
    JsonNode before = app.get(admin.token(), "/agent/steady").json();
    byte[] tampered = zip("steady", "1.1.0");
    registry.packages("steady", Map.of("1.0.1", tampered, "1.1.0", tampered));
    // The index is kept for a minute: a server that has not read it yet.
    app.restart();
    registry.file("/steady/steady-1.1.0.zip", zip("steady", "1.0.0"));
    Answer refused = install("steady", "1.1.0");
    assertThat(refused.status()).isEqualTo(422);
    assertThat(install("steady", "1.0.1").status()).isEqualTo(422);
    assertThat(app.get(admin.token(), "/agent/steady").json()).isEqualTo(before);
    app.restart();
    assertThat(app.get(admin.token(), "/agent/steady").json()).isEqualTo(before);
  }

  @Test
  void upgrade_whileItIsDownloaded_theOldVersionAnswers() throws Exception {
    offer("slow", "1.0.0", "1.1.0");
    installed(install("slow", "1.0.0"), "slow:1.0.0");
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    byte[] next = zip("slow", "1.1.0");
    registry.on(
        "/slow/slow-1.1.0.zip",
        exchange -> {
          asked.countDown();
          go.await();
          exchange.sendResponseHeaders(200, next.length);
          exchange.getResponseBody().write(next);
        });
    var upgrade =
        CompletableFuture.supplyAsync(
            () -> install("slow", "1.1.0"), work -> new Thread(work, "upgrade").start());
    assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(version("slow")).isEqualTo("1.0.0");
    try (AppFixture crashed = app.afterCrash()) {
      assertThat(crashed.get(admin.token(), "/agent/slow").json().path("version").asText())
          .isEqualTo("1.0.0");
    }
    go.countDown();
    installed(upgrade.get(20, TimeUnit.SECONDS), "slow:1.1.0");
    assertThat(version("slow")).isEqualTo("1.1.0");
    try (AppFixture crashed = app.afterCrash()) {
      assertThat(crashed.get(admin.token(), "/agent/slow").json())
          .isEqualTo(app.get(admin.token(), "/agent/slow").json());
    }
  }

  @Test
  void install_sameByTwoUsersAtOnce_succeedsForBoth() throws Exception {
    List<Login> users = List.of(app.login(), app.login(), app.login());
    for (int round = 0; round < 10; round++) {
      String name = "both-" + round;
      offer(name, "1.0.0");
      List<Callable<Answer>> calls = new ArrayList<>();
      for (Login user : users) {
        calls.add(() -> app.get(user.token(), "/agent/download?query=" + name));
      }
      assertThat(AllAtOnce.call(calls)).allSatisfy(a -> installed(a, name + ":1.0.0"));
    }
    memoryIsTheDatabase();
  }

  @Test
  void install_versionsAndUninstallAtOnce_memoryIsTheDatabase() throws Exception {
    for (int round = 0; round < 25; round++) {
      String name = "race-" + round;
      offer(name, "1.0.0", "1.1.0", "1.2.0");
      install(name, "1.0.0");
      List<Callable<Answer>> calls = new ArrayList<>();
      calls.add(() -> install(name, "1.1.0"));
      calls.add(() -> install(name, "1.2.0"));
      calls.add(() -> install(name, "1.1.0"));
      calls.add(() -> app.delete(admin.token(), "/agent/" + name, null));
      assertThat(AllAtOnce.call(calls)).extracting(Answer::status).containsOnly(200);
    }
    memoryIsTheDatabase();
  }

  @Test
  void install_andAUsersAgentOfThatIdAtOnce_oneOfThemHasIt() throws Exception {
    Login user = app.login();
    for (int round = 0; round < 10; round++) {
      String name = "id-" + round;
      offer(name, "1.0.0");
      List<Callable<Answer>> calls = new ArrayList<>();
      calls.add(() -> install(name, ""));
      calls.add(
          () ->
              app.post(
                  user.token(),
                  "/agent",
                  object("agent_id", name, "name", "N", "description", "D", "instructions", "I")));
      List<Integer> statuses = AllAtOnce.call(calls).stream().map(Answer::status).toList();
      assertThat(statuses).isIn(List.of(200, 400), List.of(422, 200));
      assertThat(app.get(user.token(), "/agent/" + name).json().path("source").asText())
          .isEqualTo(statuses.get(0) == 200 ? "package" : "user");
    }
    memoryIsTheDatabase();
  }

  private void memoryIsTheDatabase() {
    JsonNode before = app.get(admin.token(), "/agent").json();
    app.restart();
    assertThat(app.get(admin.token(), "/agent").json()).isEqualTo(before);
  }

  @Test
  void install_byAUserWhoIsDeletedMeanwhile_installsNothing() throws Exception {
    Login leaver = app.login();
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    byte[] zip = zip("late", "1.0.0");
    offer("late", "1.0.0");
    registry.on(
        "/late/late-1.0.0.zip",
        exchange -> {
          asked.countDown();
          go.await();
          exchange.sendResponseHeaders(200, zip.length);
          exchange.getResponseBody().write(zip);
        });
    var installing =
        CompletableFuture.supplyAsync(
            () -> app.get(leaver.token(), "/agent/download?query=late"),
            work -> new Thread(work, "install").start());
    assertThat(asked.await(20, TimeUnit.SECONDS)).isTrue();
    app.delete(leaver.token(), "/user", object("password", AppFixture.password()));
    go.countDown();
    assertThat(installing.get(20, TimeUnit.SECONDS).status()).isEqualTo(401);
    assertThat(app.get(admin.token(), "/agent/late").status()).isEqualTo(404);
    memoryIsTheDatabase();
  }

  @Test
  void install_manifestThatNoRowHolds_isRefused() {
    String word = "\\u0001".repeat(4_000);
    String words = ("\"" + word + "\",").repeat(38);
    String tool = "{\"mcp\":{\"command\":[" + words.substring(0, words.length() - 1) + "]}}";
    byte[] zip =
        PackageServer.zip(PackageServer.manifest("huge", "1.0.0", ",\"tools\":[" + tool + "]"));
    assertThat(new String(zip, StandardCharsets.ISO_8859_1)).startsWith("PK");
    registry.packages("huge", Map.of("1.0.0", zip));
    assertThat(install("huge", "").json().textValue())
        .isEqualTo("Successfully installed huge:1.0.0");
    String more = tool.replace("]}}", ",\"" + word.repeat(1) + "\"]}}");
    String instructions =
        "{\"agent_id\":\"vast\",\"version\":\"1.0.0\",\"name\":\"N\",\"description\":\"D\",\"kind\":\"llm\",\"instructions_file\":\"i.md\",\"tools\":["
            + more
            + "]}";
    CraftedZip large = new CraftedZip();
    large.add("agent.json", instructions);
    large.add("i.md", "\u0001".repeat(99_999) + "x");
    registry.packages("vast", Map.of("1.0.0", large.bytes()));
    Answer refused = install("vast", "");
    assertThat(refused.status()).isEqualTo(422);
    assertThat(refused.json().textValue())
        .isEqualTo(
            "Failed to download package: vast:latest, in agent.json, the manifest must be at most"
                + " 1000000 characters long in all");
  }
}
