package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.RawClient.Reply;
import io.coterie.RawConnection;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whether a connection goes on after an answer, and that the answer says so. */
class ConnectionsTest {

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
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /ping% HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /workspace/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /workspace/%ff HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%2e%2e/%2e%2e HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /../../etc HTTP/1.0\r\n\r\n",
        "GET /%zz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "OPTIONS /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
        "POST /%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\nabc",
        "GET /ping HTTP/1.1\r\n\r\n",
        "GET /ping HTTP/1.1\r\nHost:\r\n\r\n",
        "GET /ping HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /ping HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
        "GET /ping HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n",
        "GET /ping HTTP/1.1\r\nHost: x\r\nExpect: nonsense\r\n\r\n",
        "GET /ping HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET /ping HTTP/2.0\r\nHost: x\r\n\r\n",
        "GET /ping HTTP/3.0\r\nHost: x\r\n\r\n",
        "GET\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET ping HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /ping HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /register HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /register HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /nothing HTTP/1.0\r\n\r\n",
        "GET /user HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /ping HTTP/1.1\r\nHost: x\r\n\r\n",
        "OPTIONS /ping HTTP/1.1\r\nHost: x\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "TRACE /ping HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT /ping HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT a:80 HTTP/1.1\r\nHost: x\r\n\r\n",
        "HEAD /ping HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /ping HTTP/1.0\r\n\r\n",
        "GET /ping HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        "GET /chat/connect HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /chat/connect HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "GET /socket.io/?EIO=3 HTTP/1.1\r\nHost: x\r\n\r\n",
        "DELETE /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\nHost: x\r\n\r\n"
      })
  void answer_saysWhetherTheConnectionGoesOn(String request) {
    try (RawConnection connection = RawConnection.to(app)) {
      connection.send(request);
      expectTruth(connection, request, false);
    }
    try (RawConnection connection = RawConnection.to(app)) {
      // Both at once: the first answer must come whole, whatever becomes of the connection.
      connection.send(request + "GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
      expectTruth(connection, request, true);
    }
  }

  private static void expectTruth(RawConnection connection, String request, boolean pipelined) {
    Reply reply = request.startsWith("HEAD") ? connection.readHead() : connection.read();
    assertThat(reply.status()).isNotEqualTo(500);
    usual(reply);
    String says = reply.headers().getOrDefault("connection", "");
    boolean closes =
        request.contains("HTTP/1.0") ? !says.equals("keep-alive") : says.equals("close");
    if (closes) {
      assertThat(connection.ends()).as(request).isTrue();
    } else if (pipelined) {
      assertThat(connection.read().status()).as(request).isEqualTo(200);
    } else {
      assertThat(connection.goesOn()).as(request).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({"9000,431", "20000,431", "60000,431"})
  void headersTooLarge_theConnectionEnds(int size, int status) {
    expectTheEnd(
        "GET /ping HTTP/1.1\r\nHost: x\r\nX-Long: " + "a".repeat(size) + "\r\n\r\n", status);
  }

  @ParameterizedTest
  @ValueSource(ints = {9000, 20_000, 60_000})
  void targetTooLong_theConnectionEnds(int size) {
    expectTheEnd("GET /" + "a".repeat(size) + " HTTP/1.1\r\nHost: x\r\n\r\n", 414);
  }

  private static void expectTheEnd(String request, int status) {
    try (RawConnection connection = RawConnection.to(app)) {
      connection.send(request);
      Reply reply = connection.read();
      assertThat(reply.status()).isEqualTo(status);
      usual(reply);
      assertThat(reply.headers()).containsEntry("connection", "close");
      assertThat(connection.ends()).isTrue();
    }
  }

  @Test
  void answersToUsers_areNotKept() {
    AppFixture.Login user = app.login();
    String chat = app.chat(user);
    for (String path :
        new String[] {
          "/user", "/workspace", "/chat?chat_id=" + chat, "/agent", "/v1/models", "/metrics"
        }) {
      var headers = app.get(user.token(), path).response().headers();
      assertThat(headers.firstValue("Cache-Control")).as(path).hasValue("no-store");
      assertThat(headers.firstValue("X-Content-Type-Options")).as(path).hasValue("nosniff");
      assertThat(headers.firstValue("Date")).as(path).isPresent();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/registry/index.json", "/openapi.json", "/docs"})
  void whatIsCachedOnPurpose_staysSo(String path) {
    var headers = app.get(null, path).response().headers();
    assertThat(headers.firstValue("Cache-Control")).hasValue("no-cache");
    assertThat(headers.firstValue("ETag")).isPresent();
    assertThat(headers.firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(headers.firstValue("Date")).isPresent();
  }

  private static void usual(Reply reply) {
    assertThat(
            ZonedDateTime.parse(reply.headers().get("date"), DateTimeFormatter.RFC_1123_DATE_TIME))
        .isNotNull();
    assertThat(reply.headers()).containsKey("x-request-id");
    assertThat(reply.headers()).containsEntry("x-content-type-options", "nosniff");
    assertThat(reply.headers()).containsEntry("cache-control", "no-store");
  }
}
