package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.AppFixture.Login;
import io.coterie.Expect;
import io.coterie.RawClient;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GET /registry/…: this server's own registry, for other servers. */
class ServeRegistryTest {

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final byte[] LARGE = new byte[20 << 20];

  private static AppFixture app;
  private static Path registry;
  private static byte[] archive;

  @BeforeAll
  static void start() throws Exception {
    app = AppFixture.start();
    registry = app.dataDir().resolve("registry");
    assertThat(app.get(null, "/registry/index.json").response().body())
        .isEqualTo("{\"packages\":[]}\n");
    archive = PackageServer.zip(PackageServer.manifest("served", "1.0.0+b", ""));
    new RegistryFolder(registry).add(PackageArchive.read(archive), archive);
    new Random(1).nextBytes(LARGE);
    Files.write(registry.resolve("served/large.zip"), LARGE);
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void get_files_areThoseOfTheFolderWithTheirTypes() throws Exception {
    file(
        "/registry/index.json",
        "application/json",
        Files.readAllBytes(registry.resolve("index.json")));
    file(
        "/registry/served/index.json",
        "application/json",
        Files.readAllBytes(registry.resolve("served/index.json")));
    file("/registry/served/served-1.0.0+b.zip", "application/zip", archive);
    file("/registry/served/large.zip", "application/zip", LARGE);
  }

  private static void file(String path, String type, byte[] content) throws Exception {
    HttpResponse<byte[]> got = HTTP.send(request(path).build(), BodyHandlers.ofByteArray());
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(got.headers().firstValue("Content-Type")).hasValue(type);
    assertThat(got.headers().firstValue("X-Request-Id")).isPresent();
    assertThat(got.headers().firstValue("Content-Length")).hasValue("" + content.length);
    assertThat(got.body()).isEqualTo(content);
    String tag = got.headers().firstValue("ETag").orElseThrow();
    for (String known : List.of(tag, "W/" + tag, "\"x\", " + tag, "*")) {
      HttpResponse<byte[]> again =
          HTTP.send(
              request(path).header("If-None-Match", known).build(), BodyHandlers.ofByteArray());
      assertThat(again.statusCode()).isEqualTo(304);
      assertThat(again.headers().firstValue("ETag")).hasValue(tag);
      assertThat(again.body()).isEmpty();
    }
    HttpResponse<byte[]> other =
        HTTP.send(
            request(path).header("If-None-Match", "\"x\"").build(), BodyHandlers.ofByteArray());
    assertThat(other.body()).isEqualTo(content);
    HttpResponse<byte[]> head =
        HTTP.send(
            request(path).method("HEAD", HttpRequest.BodyPublishers.noBody()).build(),
            BodyHandlers.ofByteArray());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("Content-Length")).hasValue("" + content.length);
    assertThat(head.headers().firstValue("Content-Type")).hasValue(type);
    assertThat(head.body()).isEmpty();
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(app.url() + path));
  }

  @Test
  void get_index_changesItsTagWithItsContent() throws Exception {
    try (AppFixture server = AppFixture.start()) {
      String empty = tag(server);
      RegistryFolder own = new RegistryFolder(server.dataDir().resolve("registry"));
      own.add(PackageArchive.read(archive), archive);
      assertThat(tag(server)).isNotEqualTo(empty);
    }
  }

  private static String tag(AppFixture server) {
    return server
        .get(null, "/registry/index.json")
        .response()
        .headers()
        .firstValue("ETag")
        .orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/registry",
        "/registry/served",
        "/registry/served/other.zip",
        "/registry/served/secret.txt",
        "/registry/served/.hidden.zip",
        "/registry/served/.served-2.0.0.zip.part",
        "/registry/served/leads-out.zip",
        "/registry/served/folder.zip",
        "/registry/.index.json.part",
        "/registry/served/deeper/index.json",
        "/registry/nobody/index.json",
        "/registry/Served/index.json",
        "/registry/index.json/index.json",
        "/registry/served/served-1.0.0%2Bb.zip/x",
        "/registry/..%5Cserved/index.json",
        "/registry/served/x%00.zip"
      })
  void get_anythingElse_isNotFound(String path) throws Exception {
    Path served = registry.resolve("served");
    Files.writeString(served.resolve("secret.txt"), "secret");
    Files.writeString(served.resolve(".hidden.zip"), "secret");
    Files.writeString(served.resolve(".served-2.0.0.zip.part"), "secret");
    Files.writeString(registry.resolve(".index.json.part"), "secret");
    Files.createDirectories(served.resolve("folder.zip"));
    if (Files.notExists(served.resolve("leads-out.zip"))) {
      Files.createSymbolicLink(
          served.resolve("leads-out.zip"), app.dataDir().resolve("jwt.secret"));
    }
    RawClient.Reply reply = RawClient.get(app, path);
    assertThat(reply.status()).isIn(404, 400);
    assertThat(reply.json().path("msg").asText()).isIn("Not found", "Bad request");
    assertThat(reply.status() == 400).isEqualTo(path.contains("%00"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/registry/../jwt.secret",
        "/registry/served/../../jwt.secret",
        "/registry/%2e%2e/jwt.secret",
        "/registry/served/%2e%2e%2f%2e%2e%2fjwt.secret",
        "/registry/..%2fjwt.secret",
        "/registry//jwt.secret",
        "/registry/served/..;/..;/jwt.secret"
      })
  void get_outOfTheFolder_neverLeadsThere(String path) {
    RawClient.Reply reply = RawClient.get(app, path);
    assertThat(reply.status()).isIn(400, 404);
    assertThat(reply.json().path("msg").asText()).isIn("Not found", "Bad request");
  }

  @Test
  void get_slowReadersOfLargeFiles_holdUpNobodyElse() throws IOException {
    List<Socket> readers = new ArrayList<>();
    try {
      for (int i = 0; i < 250; i++) {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(1 << 12);
        socket.connect(new java.net.InetSocketAddress("127.0.0.1", app.port()));
        readers.add(socket);
        socket
            .getOutputStream()
            .write(
                "GET /registry/served/large.zip HTTP/1.1\r\nHost: x\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
      }
      long start = System.nanoTime();
      Answer late = app.get(null, "/registry/served/index.json");
      assertThat(late.status()).isEqualTo(200);
      assertThat(app.login().token()).isNotEmpty();
      assertThat(System.nanoTime() - start).isLessThan(5_000_000_000L);
    } finally {
      for (Socket socket : readers) {
        socket.close();
      }
    }
  }

  @Test
  void twoServers_oneFeedsTheOther() {
    try (AppFixture feeder = AppFixture.start();
        AppFixture eater =
            AppFixture.start("registry.urls=" + feeder.url() + "/registry/,bundled:")) {
      Login publisher = feeder.login();
      Login user = eater.login();
      missing(eater, user);
      byte[] one = PackageServer.zip(PackageServer.manifest("fed", "1.0.0", ""));
      publish(feeder, publisher, "fed", "1.0.0", one);
      String install = "/agent/download?query=fed&version=1.0.0";
      assertThat(eater.get(user.token(), install).json().textValue())
          .isEqualTo("Successfully installed fed:1.0.0");
      JsonNode found = eater.get(user.token(), "/agent/search?query=fed").json().path("packages");
      assertThat(found).hasSize(1);
      assertThat(found.get(0))
          .isEqualTo(
              AppFixture.object(
                  "name", "fed",
                  "description", "Describes.",
                  "version", "1.0.0",
                  "registry", feeder.url() + "/registry"));
      assertThat(eater.get(user.token(), "/agent/download?query=translator").status())
          .isEqualTo(200);
    }
  }

  private static void missing(AppFixture eater, Login user) {
    assertThat(eater.get(user.token(), "/agent/download?query=fed").json().textValue())
        .isEqualTo("Package not found: fed:latest");
  }

  private static void publish(
      AppFixture server, Login admin, String name, String version, byte[] zip) {
    HttpRequest put =
        HttpRequest.newBuilder(URI.create(server.url() + "/registry/" + name + "/" + version))
            .header("Authorization", "Bearer " + admin.token())
            .PUT(HttpRequest.BodyPublishers.ofByteArray(zip))
            .build();
    assertThat(HTTP.sendAsync(put, BodyHandlers.ofString()).join().body())
        .isEqualTo("{\"msg\":\"Package published\"}");
  }

  @Test
  void schema_ofTheManifest_isServedToAnybody() {
    Answer answer = app.get(null, "/schemas/agent.json");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.response().headers().firstValue("Content-Type"))
        .hasValue("application/schema+json");
    assertThat(answer.json().path("$schema").asText())
        .isEqualTo("https://json-schema.org/draft/2020-12/schema");
    assertThat(answer.json().path("properties").has("agent_id")).isTrue();
    Expect.msg(
        app.send(null, "POST", "/schemas/agent.json", "", Map.of()), 405, "Method not allowed");
  }
}
