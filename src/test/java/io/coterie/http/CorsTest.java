package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.RawClient;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which web pages may call: none, until the operator names them. */
class CorsTest {

  private static final String PAGE = "https://page.example";

  @Test
  void cors_byDefault_isOff() {
    try (AppFixture app = AppFixture.start()) {
      for (String method : List.of("GET", "OPTIONS")) {
        assertThat(request(app, method, PAGE).headers())
            .noneSatisfy((name, value) -> assertThat(name).startsWith("access-control"));
      }
    }
  }

  @Test
  void cors_namedOrigin_mayCall() {
    try (AppFixture app =
        AppFixture.start("server.cors-origins=" + PAGE + ",http://localhost:3000")) {
      var reply = request(app, "GET", PAGE);
      assertThat(reply.status()).isEqualTo(401);
      assertThat(reply.headers())
          .containsEntry("access-control-allow-origin", PAGE)
          .containsEntry("vary", "Origin")
          .doesNotContainKey("access-control-allow-credentials");
      assertThat(reply.headers().get("access-control-expose-headers")).contains("X-Request-Id");

      assertThat(request(app, "GET", "http://localhost:3000").headers())
          .containsEntry("access-control-allow-origin", "http://localhost:3000");
      for (String other :
          List.of("https://other.example", PAGE + ".evil", "null", "https://PAGE")) {
        assertThat(request(app, "GET", other).headers())
            .doesNotContainKey("access-control-allow-origin");
      }
    }
  }

  @Test
  void preflight_namedOrigin_allowsMethodsAndHeaders() {
    try (AppFixture app = AppFixture.start("server.cors-origins=" + PAGE)) {
      var reply = request(app, "OPTIONS", PAGE);
      assertThat(reply.status()).isEqualTo(204);
      assertThat(reply.headers()).containsEntry("access-control-allow-origin", PAGE);
      assertThat(reply.headers().get("access-control-allow-methods"))
          .contains("GET", "POST", "PUT", "DELETE");
      assertThat(reply.headers().get("access-control-allow-headers"))
          .contains("Authorization", "Content-Type");
    }
  }

  @Test
  void cors_star_isAnyOrigin() {
    try (AppFixture app = AppFixture.start("server.cors-origins=*")) {
      assertThat(request(app, "GET", PAGE).headers())
          .containsEntry("access-control-allow-origin", "*");
    }
  }

  @Test
  void vary_namedOrigins_isToldToEveryCaller() {
    try (AppFixture app = AppFixture.start("server.cors-origins=" + PAGE)) {
      Answer answer = app.get(null, "/ping");
      assertThat(answer.response().headers().firstValue("Vary")).hasValue("Origin");
    }
  }

  private static RawClient.Reply request(AppFixture app, String method, String origin) {
    String request =
        method
            + " /user HTTP/1.1\r\nHost: x\r\nOrigin: "
            + origin
            + "\r\nAccess-Control-Request-Method: PUT\r\n"
            + "Access-Control-Request-Headers: authorization\r\n\r\n";
    return RawClient.send(app, request.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
  }
}
