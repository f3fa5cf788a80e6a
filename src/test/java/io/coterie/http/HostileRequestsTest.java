package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.RawClient;
import io.coterie.RawClient.Reply;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that no honest client sends get the usual answers too. */
class HostileRequestsTest {

  private static final int MEGABYTE = 1024 * 1024;

  private static AppFixture app;
  private static String token;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    token = app.login().token();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {MEGABYTE + 1, 5 * MEGABYTE, 30 * MEGABYTE})
  void body_overTheLimit_is413ThatCanBeRead(int size) {
    String head = "POST /register HTTP/1.1\r\nHost: x\r\nContent-Length: " + size + "\r\n\r\n";
    Reply reply = RawClient.send(app, ascii(head + " ".repeat(size)));
    assertThat(reply.status()).isEqualTo(413);
    usual(reply, "Request body too large");
  }

  @ParameterizedTest
  @ValueSource(ints = {MEGABYTE + 1, 5 * MEGABYTE, 30 * MEGABYTE})
  void body_chunkedOverTheLimit_is413ThatCanBeRead(int size) {
    String head = "POST /register HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    String chunk = Integer.toHexString(size) + "\r\n" + " ".repeat(size) + "\r\n0\r\n\r\n";
    Reply reply = RawClient.send(app, ascii(head + chunk));
    assertThat(reply.status()).isEqualTo(413);
    usual(reply, "Request body too large");
  }

  @Test
  void header_tooLarge_isRefusedInJson() {
    Reply reply = RawClient.get(app, "/ping", "X-Long: " + "a".repeat(20_000));
    assertThat(reply.status()).isEqualTo(431);
    usual(reply, "Request header fields too large");
  }

  @Test
  void target_tooLong_isRefusedInJson() {
    Reply reply = RawClient.get(app, "/workspace/" + "a".repeat(20_000));
    assertThat(reply.status()).isBetween(400, 499);
    usual(reply, null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/%zz",
        "/ping%",
        "/ping%2",
        "/workspace/%00",
        "/workspace/a%00b",
        "/..;/ping",
        "/%2e%2e/ping",
        "/../../etc/passwd",
        "/workspace/..%2f..",
        "/ping;x=1",
        "/workspace/%ff",
        "/workspace/%c0%af",
        "/ping?x=%zz",
        "/ping?%",
        "/chat?chat_id=%zz",
        "/chat?chat_id=%00",
        "/chat?chat_id=%ff",
        "/chat?%zz=1",
        "/workspace?limit=%zz",
        "/agent/download?query=%zz",
        "/agent/download?query=%00",
        "/agent/%00",
        "/agent/..",
        "/chat/connect?chat_id=%zz&connection_string=%zz",
        "/chat/events?chat_id=%zz&connection_string=%zz",
        "/\\..\\x",
        "/ping#x"
      })
  void target_hostile_isAnsweredInTheUsualShape(String target) {
    Reply reply = RawClient.get(app, target, "Authorization: Bearer " + token);
    assertThat(reply.status()).isLessThan(500);
    assertThat(reply.headers()).containsKey("x-request-id");
    assertThat(reply.headers()).containsEntry("content-type", "application/json");
    if (reply.status() >= 400 && !target.startsWith("/agent/download")) {
      usual(reply, null);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /ping HTTP/1.1\r\n\r\n",
        "GET /ping HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /ping HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        "GET /ping HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n",
        "POST /ping HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /ping HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET\r\n\r\n"
      })
  void request_malformed_isAnsweredInTheUsualShape(String request) {
    Reply reply = RawClient.send(app, ascii(request));
    assertThat(reply.status()).isBetween(400, 505);
    assertThat(reply.status()).isNotEqualTo(500);
    usual(reply, null);
  }

  @Test
  void method_invented_is405() {
    Reply reply = RawClient.send(app, ascii("BREW /ping HTTP/1.1\r\nHost: x\r\n\r\n"));
    assertThat(reply.status()).isEqualTo(405);
    assertThat(reply.headers()).containsKey("allow");
    usual(reply, "Method not allowed");
    usual(
        RawClient.send(app, ascii("TRACE /ping HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\n\r\n")),
        "Method not allowed");
  }

  @Test
  void body_brokenChunks_isRefusedInJson() {
    String head = "POST /register HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    Reply reply = RawClient.send(app, ascii(head + "zz\r\nnonsense\r\n0\r\n\r\n"));
    assertThat(reply.status()).isEqualTo(400);
    usual(reply, null);
  }

  /** A JSON object with msg and nothing that tells about the inside. */
  private static void usual(Reply reply, String msg) {
    assertThat(reply.headers()).containsEntry("content-type", "application/json");
    assertThat(reply.headers().get("x-request-id")).isNotBlank();
    assertThat(reply.json().size()).isEqualTo(1);
    assertThat(reply.json().path("msg").asText()).isNotBlank();
    if (msg != null) {
      assertThat(reply.json().path("msg").asText()).isEqualTo(msg);
    }
    assertThat(reply.body())
        .doesNotContain("Exception", "jetty", "javalin", "java.", "SELECT", "at io.", "/work");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
