package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PUT /registry/NAME/VERSION. */
class PublishTest {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private static AppFixture app;
  private static Login admin;
  private static Login user;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    admin = app.login();
    user = app.login();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  private record Put(int status, String body) {}

  private static Put put(Login who, String path, byte[] zip) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(app.url() + "/registry/" + path))
            .PUT(BodyPublishers.ofByteArray(zip));
    if (who != null) {
      request.header("Authorization", "Bearer " + who.token());
    }
    try {
      HttpResponse<String> answer = HTTP.send(request.build(), BodyHandlers.ofString());
      return new Put(answer.statusCode(), answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Put published() {
    return new Put(200, "{\"msg\":\"Package published\"}");
  }

  private static Put refused(int status, String msg) {
    return new Put(status, AppFixture.object("msg", msg).toString());
  }

  private static byte[] zip(String name, String version, String extra) {
    return PackageServer.zip(PackageServer.manifest(name, version, extra));
  }

  @Test
  void publish_goodPackage_canBeInstalledAtOnce() {
    byte[] zip = zip("fresh", "1.0.0", "");
    assertThat(put(admin, "fresh/1.0.0", zip)).isEqualTo(published());
    assertThat(put(admin, "fresh/1.0.0", zip)).isEqualTo(published());
    assertThat(app.get(user.token(), "/agent/download?query=fresh").json().textValue())
        .isEqualTo("Successfully installed fresh:1.0.0");
    assertThat(put(admin, "fresh/1.1.0+b.1", zip("fresh", "1.1.0+b.1", ""))).isEqualTo(published());
    assertThat(app.get(user.token(), "/agent/download?query=fresh").json().textValue())
        .isEqualTo("Successfully installed fresh:1.1.0+b.1");
    assertThat(search("fresh").findValuesAsText("version")).containsExactly("1.1.0+b.1");
  }

  private static JsonNode search(String query) {
    return app.get(user.token(), "/agent/search?query=" + query).json().path("packages");
  }

  @Test
  void publish_otherBytesForAVersion_isAConflictAndChangesNothing() throws Exception {
    byte[] zip = zip("firm", "1.0.0", "");
    assertThat(put(admin, "firm/1.0.0", zip)).isEqualTo(published());
    assertThat(put(admin, "firm/1.0.0", zip("firm", "1.0.0", ",\"license\":\"MIT\"")))
        .isEqualTo(refused(409, "firm:1.0.0 is there and never changes"));
    assertThat(served("firm", "1.0.0")).isEqualTo(zip);
  }

  private static byte[] served(String name, String version)
      throws IOException, InterruptedException {
    String path = "/registry/" + name + "/" + name + "-" + version + ".zip";
    return HTTP.send(
            HttpRequest.newBuilder(URI.create(app.url() + path)).build(),
            BodyHandlers.ofByteArray())
        .body();
  }

  @Test
  void publish_byOthersThanAdmins_isRefused() {
    byte[] zip = zip("foreign", "1.0.0", "");
    assertThat(put(user, "foreign/1.0.0", zip)).isEqualTo(refused(403, "Admin only"));
    assertThat(put(null, "foreign/1.0.0", zip))
        .isEqualTo(refused(401, "Missing Authorization Header"));
    assertThat(app.get(null, "/registry/foreign/index.json").status()).isEqualTo(404);
  }

  @Test
  void publish_commandTools_isAllowed() {
    byte[] zip = zip("commands", "1.0.0", ",\"tools\":[{\"mcp\":{\"command\":[\"true\"]}}]");
    assertThat(put(admin, "commands/1.0.0", zip)).isEqualTo(published());
    assertThat(app.get(user.token(), "/agent/download?query=commands").status()).isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Big/1.0.0|name must be 1 to 64 of the characters a-z, 0-9, _ and -, and begin with a letter or digit",
        "-a/1.0.0|name must be 1 to 64 of the characters a-z, 0-9, _ and -, and begin with a letter or digit",
        "%C3%A9/1.0.0|name must be 1 to 64 of the characters a-z, 0-9, _ and -, and begin with a letter or digit",
        "a/1.0|version must be a SemVer 2.0 version",
        "a/latest|version must be a SemVer 2.0 version",
        "a/v1.0.0|version must be a SemVer 2.0 version",
        "a/1.0.0%0A|version must be a SemVer 2.0 version"
      })
  void publish_malformedNameOrVersion_isRefusedByName(String path, String msg) {
    assertThat(put(admin, path, zip("a", "1.0.0", ""))).isEqualTo(refused(400, msg));
  }

  @Test
  void publish_whatAnInstallationWouldRefuse_isRefusedAndLeavesNothing() {
    byte[] other = zip("other", "1.0.0", "");
    refusedPackage(other, "agent_id in agent.json is not refused");
    refusedPackage(zip("refused", "1.0.1", ""), "version in agent.json is not 1.0.0");
    refusedPackage(
        zip("refused", "1.0.0", ",\"temperature\":9"),
        "in agent.json, temperature must be a number from 0 to 2");
    refusedPackage(new byte[0], "the package is not a zip archive");
    refusedPackage("{}".getBytes(StandardCharsets.UTF_8), "the package is not a zip archive");
    refusedPackage(leadingOut(), "the archive has a path that leads out of it");
    byte[] guide = zip("guide", "1.0.0", "");
    assertThat(put(admin, "guide/1.0.0", guide))
        .isEqualTo(refused(422, "in agent.json, agent_id guide is built in"));
    assertThat(app.dataDir().resolve("registry/refused")).doesNotExist();
    assertThat(app.dataDir().resolve("registry/guide")).doesNotExist();
  }

  private static byte[] leadingOut() {
    CraftedZip zip = new CraftedZip();
    zip.add("../x", new byte[1]);
    return zip.bytes();
  }

  private static void refusedPackage(byte[] zip, String msg) {
    assertThat(put(admin, "refused/1.0.0", zip)).isEqualTo(refused(422, msg));
    assertThat(app.get(null, "/registry/refused/index.json").status()).isEqualTo(404);
  }

  @Test
  void publish_fiftyMegabytes_isTakenAndMoreIsNot() throws Exception {
    byte[] zip = large("large", (49 << 20) + 500_000);
    assertThat(put(admin, "large/1.0.0", zip)).isEqualTo(published());
    assertThat(served("large", "1.0.0")).isEqualTo(zip);
    assertThat(put(admin, "large/1.0.1", new byte[(50 << 20) + 1]))
        .isEqualTo(refused(413, "Request body too large"));
  }

  @Test
  void publish_largeByAStranger_isAnsweredAlsoWhereOnlyThenItReads() throws IOException {
    byte[] body = new byte[20 << 20];
    for (Login who : new Login[] {user, null}) {
      String authorization = who == null ? "" : "Authorization: Bearer " + who.token() + "\r\n";
      String head =
          "PUT /registry/large/2.0.0 HTTP/1.1\r\nHost: x\r\n%sContent-Length: %d\r\n\r\n"
              .formatted(authorization, body.length);
      ByteArrayOutputStream request = new ByteArrayOutputStream();
      request.write(head.getBytes(StandardCharsets.US_ASCII));
      request.write(body);
      RawClient.Reply reply = RawClient.send(app, request.toByteArray());
      assertThat(reply.status()).isEqualTo(who == null ? 401 : 403);
      assertThat(reply.json().path("msg").asText())
          .isEqualTo(who == null ? "Missing Authorization Header" : "Admin only");
    }
    assertThat(app.dataDir().resolve("registry/large/large-2.0.0.zip")).doesNotExist();
  }

  private static byte[] large(String name, int padding) throws IOException {
    byte[] noise = new byte[padding];
    new Random(1).nextBytes(noise);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("agent.json"));
      zip.write(PackageServer.manifest(name, "1.0.0", "").getBytes(StandardCharsets.UTF_8));
      ZipEntry entry = new ZipEntry("noise");
      CRC32 crc = new CRC32();
      crc.update(noise);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(padding);
      entry.setCrc(crc.getValue());
      zip.putNextEntry(entry);
      zip.write(noise);
    }
    return bytes.toByteArray();
  }

  @Test
  void publish_oneVersionByManyAtOnce_isOnes() throws Exception {
    for (int round = 0; round < 20; round++) {
      String name = "race-" + round;
      List<byte[]> zips = new ArrayList<>();
      List<Callable<Put>> calls = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        byte[] zip = zip(name, "1.0.0", ",\"license\":\"L" + i + "\"");
        zips.add(zip);
        calls.add(() -> put(admin, name + "/1.0.0", zip));
      }
      List<Put> answers = AllAtOnce.call(calls);
      int winner = answers.indexOf(published());
      assertThat(winner).isNotNegative();
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i))
            .isEqualTo(
                i == winner
                    ? published()
                    : refused(409, name + ":1.0.0 is there and never changes"));
      }
      assertThat(served(name, "1.0.0")).isEqualTo(zips.get(winner));
    }
  }

  @Test
  void publish_manyAtOnce_allAreListed() throws Exception {
    List<Callable<Put>> calls = new ArrayList<>();
    for (String name : List.of("many-a", "many-b")) {
      for (String version : List.of("1.0.0", "1.1.0")) {
        calls.add(() -> put(admin, name + "/" + version, zip(name, version, "")));
      }
    }
    assertThat(AllAtOnce.call(calls)).containsOnly(published());
    for (String name : List.of("many-a", "many-b")) {
      JsonNode index = app.get(null, "/registry/" + name + "/index.json").json();
      assertThat(index.findValuesAsText("version")).containsExactlyInAnyOrder("1.0.0", "1.1.0");
      assertThat(search(name).findValuesAsText("version")).containsExactly("1.1.0");
    }
  }
}
