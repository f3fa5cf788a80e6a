package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.Await;
import io.coterie.RawClient.Reply;
import io.coterie.RawConnection;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a body may be, from whom, and when it is refused. */
class BodyLimitsTest {

  private static final int OPEN = 16 * 1024;
  private static final int USUAL = 1024 * 1024;
  private static final int PACKAGE = 50 * 1024 * 1024;

  private static AppFixture app;
  private static String token;
  private static String userToken;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    token = app.login().token();
    userToken = app.login().token();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void publicRoute_atTheLimit_isRead(boolean chunked) {
    String json = "{\"email\":\"at-" + chunked + "@example.com\",\"password\":\"p\"";
    try (RawConnection connection = RawConnection.to(app)) {
      String body = json + " ".repeat(OPEN - json.length() - 1) + "}";
      Reply reply = connection.send(request("POST /register", null, body, chunked)).read();
      assertThat(reply.json().path("msg").asText()).isEqualTo("User created successfully");
      assertThat(connection.goesOn()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "POST /register,16385,false",
    "POST /register,16385,true",
    "POST /auth/login,1048576,false",
    "POST /auth/login,1048576,true",
    "POST /register,5000000,false",
    "POST /register,5000000,true",
    "GET /ping,16385,false"
  })
  void publicRoute_overTheLimit_is413(String route, int size, boolean chunked) {
    try (RawConnection connection = RawConnection.to(app)) {
      connection.send(request(route, null, " ".repeat(size), chunked));
      refused(connection.read(), 413, "Request body too large");
      assertThat(connection.ends()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST /register", "GET /registry/index.json", "POST /auth/login"})
  void publicRoute_tokenOrNot_theSameLimit(String route) {
    try (RawConnection connection = RawConnection.to(app)) {
      connection.send(request(route, token, " ".repeat(OPEN + 1), false));
      refused(connection.read(), 413, "Request body too large");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void user_atTheLimit_isRead(boolean chunked) {
    String json = "{\"name\":\"N\"";
    String body = json + " ".repeat(USUAL - json.length() - 1) + "}";
    try (RawConnection connection = RawConnection.to(app)) {
      Reply reply = connection.send(request("POST /workspace", token, body, chunked)).read();
      assertThat(reply.json().path("workspace").path("name").asText()).isEqualTo("N");
      assertThat(connection.goesOn()).isTrue();
      Reply over = connection.send(request("POST /workspace", token, body + " ", chunked)).read();
      refused(over, 413, "Request body too large");
      assertThat(connection.ends()).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "POST /register,,16385,413,Request body too large",
    "POST /workspace,token,1048577,413,Request body too large",
    "POST /workspace,token,99000000000,413,Request body too large",
    "PUT /registry/a/1.0.0,token,52428801,413,Request body too large",
    "POST /v1/chat/completions,token,1048577,413,Request body too large",
    "POST /workspace,,16385,401,Missing Authorization Header",
    "POST /workspace,,1048577,401,Missing Authorization Header",
    "POST /workspace,bad,1048576,401,Invalid token",
    "PUT /user,,99000000000,401,Missing Authorization Header",
    "PUT /registry/a/1.0.0,,52428800,401,Missing Authorization Header",
    "PUT /registry/a/1.0.0,user,52428800,403,Admin only",
    "POST /nothing,token,16385,404,Not found",
    "PATCH /workspace,token,16385,405,Method not allowed",
    "POST /ping,,16385,405,Method not allowed"
  })
  void announcedLength_tooLong_isRefusedBeforeTheBodyComes(
      String route, String who, long size, int status, String msg) {
    for (String expect : new String[] {"", "Expect: 100-continue\r\n"}) {
      try (RawConnection connection = RawConnection.to(app)) {
        connection.send(
            head(route, tokenOf(who)) + expect + "Content-Length: " + size + "\r\n\r\n");
        Reply reply = connection.read();
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.body()).contains(msg);
        assertThat(reply.headers()).containsEntry("connection", "close");
        if (status == 401) {
          assertThat(reply.headers()).containsEntry("www-authenticate", "Bearer");
        }
        assertThat(connection.ends()).isTrue();
      }
    }
  }

  @Test
  void expectContinue_withinTheLimit_isAskedToSend() {
    try (RawConnection connection = RawConnection.to(app)) {
      String head = head("POST /workspace", token) + "Expect: 100-continue\r\n";
      connection.send(head + "Content-Length: 12\r\n\r\n");
      assertThat(connection.readHead().status()).isEqualTo(100);
      assertThat(connection.send("{\"name\":\"E\"}").read().status()).isEqualTo(200);
      assertThat(connection.goesOn()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noValidToken_shortBody_leavesTheConnection(boolean chunked) {
    try (RawConnection connection = RawConnection.to(app)) {
      for (int size : new int[] {1, 1_000, OPEN}) {
        connection.send(request("POST /workspace", "bad", " ".repeat(size), chunked));
        Reply reply = connection.read();
        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.headers()).doesNotContainKey("connection");
      }
      assertThat(connection.goesOn()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {OPEN + 1, USUAL, 3 * USUAL})
  void noValidToken_moreInChunks_is401AndTheEnd(int size) {
    try (RawConnection connection = RawConnection.to(app)) {
      connection.send(request("POST /workspace", null, " ".repeat(size), true));
      refused(connection.read(), 401, "Missing Authorization Header");
      assertThat(connection.ends()).isTrue();
    }
  }

  @Test
  void noValidToken_bodyThatNeverComes_is401AllTheSame() {
    try (RawConnection connection = RawConnection.to(app)) {
      connection.send(head("POST /workspace", null) + "Content-Length: 100\r\n\r\n{");
      refused(connection.read(), 401, "Missing Authorization Header");
      assertThat(connection.ends()).isTrue();
    }
  }

  @Test
  void aPackage_longerThanOtherBodies_isReadOnItsRoute() {
    try (RawConnection connection = RawConnection.to(app)) {
      connection.send(request("PUT /registry/a/1.0.0", token, " ".repeat(PACKAGE), false));
      assertThat(connection.read().status()).isEqualTo(422);
      assertThat(connection.goesOn()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/chat/completions", "/v1/nothing"})
  void openAiRoute_refusal_hasItsShape(String path) {
    try (RawConnection connection = RawConnection.to(app)) {
      connection.send(head("POST " + path, null) + "Content-Length: 2000000\r\n\r\n");
      assertThat(connection.read().json().path("error").path("message").asText()).isNotEmpty();
    }
  }

  @Test
  void http10_isRefusedAlike() {
    try (RawConnection connection = RawConnection.to(app)) {
      connection.send("POST /register HTTP/1.0\r\nContent-Length: 16385\r\n\r\n");
      refused(connection.read(), 413, "Request body too large");
      assertThat(connection.ends()).isTrue();
    }
    try (RawConnection connection = RawConnection.to(app)) {
      String json = "{\"email\":\"old@example.com\",\"password\":\"p\"}";
      connection.send(
          "POST /register HTTP/1.0\r\nContent-Length: " + json.length() + "\r\n\r\n" + json);
      assertThat(connection.read().status()).isEqualTo(200);
      assertThat(connection.ends()).isTrue();
    }
  }

  @Test
  void head_withABodyTooLong_isRefusedWithoutABody() {
    try (RawConnection connection = RawConnection.to(app)) {
      connection.send(head("HEAD /ping", null) + "Content-Length: 16385\r\n\r\n");
      Reply reply = connection.readHead();
      assertThat(reply.status()).isEqualTo(413);
      assertThat(reply.headers()).containsEntry("connection", "close");
      assertThat(connection.ends()).isTrue();
    }
  }

  @Test
  void options_withABody_isAnswered() {
    try (RawConnection connection = RawConnection.to(app)) {
      connection.send(request("OPTIONS /register", null, "x".repeat(OPEN), false));
      assertThat(connection.read().status()).isEqualTo(204);
      assertThat(connection.goesOn()).isTrue();
      connection.send(request("OPTIONS /register", null, "x".repeat(OPEN + 1), false));
      Reply reply = connection.read();
      assertThat(reply.status()).isEqualTo(204);
      assertThat(reply.headers()).containsEntry("connection", "close");
      assertThat(connection.ends()).isTrue();
    }
  }

  @Test
  void socketIo_whoHasNotJoined_sendsLittle() {
    String opened =
        app.send(null, "GET", "/socket.io/?EIO=4&transport=polling", null, Map.of())
            .response()
            .body();
    String sid = opened.replaceFirst(".*\"sid\":\"([^\"]+)\".*", "$1");
    try (RawConnection connection = RawConnection.to(app)) {
      String route = "POST /socket.io/?EIO=4&transport=polling&sid=" + sid;
      connection.send(head(route, null) + "Content-Length: 16385\r\n\r\n");
      refused(connection.read(), 413, "Request body too large");
    }
  }

  @Test
  void revokedWhileTheBodyComes_isRefused() {
    AppFixture.Login user = app.login();
    try (RawConnection connection = RawConnection.to(app)) {
      connection.send(
          head("POST /workspace", user.token()) + "Content-Length: 12\r\n\r\n{\"name\"");
      long sent = System.nanoTime();
      app.delete(user.token(), "/user", AppFixture.object("password", AppFixture.password()));
      Await.until(() -> System.nanoTime() - sent > 1_100_000_000L, () -> "");
      connection.send(":\"E\"}");
      assertThat(connection.read().status()).isEqualTo(401);
    }
  }

  private static void refused(Reply reply, int status, String msg) {
    assertThat(reply.status()).isEqualTo(status);
    assertThat(reply.json()).isEqualTo(AppFixture.object("msg", msg));
    assertThat(reply.headers()).containsEntry("connection", "close");
  }

  private static String tokenOf(String who) {
    if (who == null) {
      return null;
    }
    return switch (who) {
      case "token" -> token;
      case "user" -> userToken;
      default -> who;
    };
  }

  private static String head(String route, String bearer) {
    String authorization = bearer == null ? "" : "Authorization: Bearer " + bearer + "\r\n";
    return route + " HTTP/1.1\r\nHost: x\r\n" + authorization;
  }

  private static String request(String route, String bearer, String body, boolean chunked) {
    String head = head(route, bearer);
    return chunked
        ? head
            + "Transfer-Encoding: chunked\r\n\r\n"
            + Integer.toHexString(body.length())
            + "\r\n"
            + body
            + "\r\n0\r\n\r\n"
        : head + "Content-Length: " + body.length() + "\r\n\r\n" + body;
  }
}
