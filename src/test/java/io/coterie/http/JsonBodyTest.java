package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.Expect;
import io.coterie.RawClient;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What counts as JSON in a request, on every route that needs a body. */
class JsonBodyTest {

  private static final String MISSING = "Missing JSON in request";

  private static AppFixture app;
  private static String token;
  private static String workspace;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    var user = app.login();
    token = user.token();
    workspace = app.workspace(user);
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @ParameterizedTest
  @CsvSource({
    "POST,/register",
    "POST,/auth/login",
    "PUT,/user",
    "DELETE,/user",
    "PUT,/user/password",
    "POST,/workspace/%s/agent",
    "DELETE,/workspace/%s/agent",
    "PUT,/workspace/%s/rename",
    "PUT,/workspace/%s/coordinator",
    "POST,/chat/message"
  })
  void body_thatIsNoJsonObject_isMissingJson(String method, String path) {
    for (String body : notObjects()) {
      Expect.msg(app.send(token, method, path.formatted(workspace), body, Map.of()), 400, MISSING);
    }
    Expect.msg(app.send(token, method, path.formatted(workspace), null, Map.of()), 400, MISSING);
  }

  static List<String> notObjects() {
    return List.of(
        "",
        " ",
        "[1]",
        "[{}]",
        "null",
        "\"x\"",
        "1",
        "true",
        "{",
        "{\"a\":}",
        "{'email':'a'}",
        "{\"email\":\"a\"} x",
        "{} {}",
        "email=a&password=b",
        "{\"a\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}",
        "{\"a\":" + "{\"a\":".repeat(2_500) + "1" + "}".repeat(2_500) + "}");
  }

  @ParameterizedTest
  @MethodSource("notUtf8")
  void body_notUtf8_isMissingJson(byte[] body) {
    var reply = RawClient.send(app, request("/register", body));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.json()).isEqualTo(AppFixture.object("msg", MISSING));
  }

  static List<byte[]> notUtf8() {
    String json = "{\"email\":\"utf@example.com\",\"password\":\"p\"}";
    return List.of(
        bytes("{\"email\":\"x", 0xff, "@example.com\",\"password\":\"p\"}"),
        bytes("{\"email\":\"x", 0xc3, "@example.com\",\"password\":\"p\"}"),
        bytes("{\"email\":\"x\",\"other\":\"", 0x80, "\"}"),
        overlong(),
        json.getBytes(StandardCharsets.UTF_16LE),
        json.getBytes(StandardCharsets.UTF_16BE));
  }

  /** A slash in two bytes, and a surrogate in three: neither is UTF-8 (RFC 3629). */
  private static byte[] overlong() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("{\"email\":\"x".getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(new byte[] {(byte) 0xc0, (byte) 0xaf});
    out.writeBytes("@example.com\",\"password\":\"p\"}".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  private static byte[] bytes(String before, int between, String after) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(before.getBytes(StandardCharsets.US_ASCII));
    out.write(between);
    out.writeBytes(after.getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  private static byte[] request(String path, byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(body);
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "application/octet-stream",
        "multipart/form-data; boundary=x",
        "application/json; charset=iso-8859-1",
        "nonsense"
      })
  void body_ofAnyContentType_isReadAsJson(String contentType) {
    var answer =
        app.send(
            token,
            "PUT",
            "/workspace/" + workspace + "/rename",
            "{\"name\":\"Café ☕\"}",
            Map.of("Content-Type", contentType));
    Expect.msg(answer, 200, "Workspace renamed");
    assertThat(
            app.get(token, "/workspace/" + workspace)
                .json()
                .path("workspace")
                .path("name")
                .asText())
        .isEqualTo("Café ☕");
  }

  @Test
  void body_withByteOrderMark_isRead() {
    var answer =
        app.send(
            token,
            "PUT",
            "/workspace/" + workspace + "/rename",
            "\uFEFF{\"name\":\"marked\"}",
            Map.of());
    Expect.msg(answer, 200, "Workspace renamed");
  }

  @Test
  void body_withUnknownFields_ignoresThem() {
    String body = "{\"name\":\"n\",\"x\":1,\"y\":{\"z\":[null]},\"owner\":\"somebody\"}";
    Expect.msg(
        app.send(token, "PUT", "/workspace/" + workspace + "/rename", body, Map.of()),
        200,
        "Workspace renamed");
  }
}
