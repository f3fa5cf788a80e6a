package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.AppFixture.Login;
import io.coterie.RawClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Whose address counts, told by whom the limit of failed logins holds back. */
class ClientAddressesTest {

  /** Wrong without any hashing. */
  private static final String TOO_LONG = "x".repeat(73);

  @Test
  void forwardedFor_noTrustedProxies_isIgnored() {
    try (AppFixture app = AppFixture.start()) {
      Login user = app.login();
      for (int i = 0; i < 10; i++) {
        assertThat(login(app, user, "X-Forwarded-For: 198.51.100." + i)).isEqualTo(401);
      }
      assertThat(login(app, user, "X-Forwarded-For: 198.51.100.99")).isEqualTo(429);
    }
  }

  @Test
  void forwardedFor_behindTrustedProxy_isTheClient() {
    try (AppFixture app = AppFixture.start("server.trusted-proxies=127.0.0.1,10.0.0.0/8")) {
      Login user = app.login();
      for (int i = 0; i < 10; i++) {
        assertThat(login(app, user, "X-Forwarded-For: 198.51.100.1")).isEqualTo(401);
      }
      assertThat(login(app, user, "X-Forwarded-For: 198.51.100.1")).isEqualTo(429);
      assertThat(login(app, user, "X-Forwarded-For: 198.51.100.1, 10.1.2.3")).isEqualTo(429);
      assertThat(login(app, user, "X-Forwarded-For: 1.1.1.1, 198.51.100.1")).isEqualTo(429);
      assertThat(login(app, user, "X-Forwarded-For: ::ffff:198.51.100.1")).isEqualTo(429);
      assertThat(login(app, user, "X-Forwarded-For: 198.51.100.2")).isEqualTo(401);
      assertThat(login(app, user, "X-Forwarded-For: 2001:db8::1")).isEqualTo(401);
      assertThat(login(app, user, "X-Other: x")).isEqualTo(401);
    }
  }

  @Test
  void forwardedFor_inTwoHeaders_lastOneIsTheProxys() {
    try (AppFixture app = AppFixture.start("server.trusted-proxies=127.0.0.1")) {
      Login user = app.login();
      for (int i = 0; i < 10; i++) {
        String lines = "X-Forwarded-For: 9.9.9." + i + "\r\nX-Forwarded-For: 198.51.100.1";
        assertThat(login(app, user, lines)).isEqualTo(401);
      }
      String lines = "X-Forwarded-For: 9.9.9.99\r\nX-Forwarded-For: 198.51.100.1";
      assertThat(login(app, user, lines)).isEqualTo(429);
    }
  }

  @Test
  void forwardedFor_nonsense_isNoAddress() {
    try (AppFixture app = AppFixture.start("server.trusted-proxies=127.0.0.1")) {
      Login user = app.login();
      for (String hop : new String[] {"evil", "999.1.1.1", "1.2.3", "", "localhost", "[", ".1:2"}) {
        assertThat(login(app, user, "X-Forwarded-For: " + hop)).isEqualTo(401);
      }
      for (int i = 0; i < 3; i++) {
        assertThat(login(app, user, "X-Forwarded-For: evil" + i)).isEqualTo(401);
      }
      assertThat(login(app, user, "X-Forwarded-For: evil")).isEqualTo(429);
    }
  }

  @Test
  void forwardedFor_withAPort_isTheAddressAlone() {
    try (AppFixture app = AppFixture.start("server.trusted-proxies=127.0.0.1,10.0.0.0/8")) {
      Login user = app.login();
      for (int i = 0; i < 10; i++) {
        assertThat(login(app, user, "X-Forwarded-For: 198.51.100.1:" + (5678 + i))).isEqualTo(401);
        String six = "X-Forwarded-For: [2001:db8::1]:" + (5678 + i) + ", 10.1.2.3:80";
        assertThat(login(app, user, six)).isEqualTo(401);
        app.clock().advance(Duration.ofSeconds(1));
      }
      for (String same :
          new String[] {
            "198.51.100.1",
            "198.51.100.1:1",
            "[::ffff:198.51.100.1]:65535",
            "198.51.100.1:80, 10.0.0.1:443",
            "[2001:db8::1]",
            "2001:db8::1",
            "1.1.1.1:1, [2001:db8::1]:65535"
          }) {
        assertThat(login(app, user, "X-Forwarded-For: " + same)).as(same).isEqualTo(429);
      }
      assertThat(login(app, user, "X-Forwarded-For: 198.51.100.2:5678")).isEqualTo(401);
      assertThat(login(app, user, "X-Forwarded-For: [2001:db8:0:1::1]:5678")).isEqualTo(401);
    }
  }

  @Test
  void forwardedFor_nearlyAnAddressWithAPort_isNoAddress() {
    try (AppFixture app = AppFixture.start("server.trusted-proxies=127.0.0.1")) {
      Login user = app.login();
      for (String hop :
          new String[] {
            "198.51.100.1:",
            "198.51.100.1:http",
            "198.51.100.1:80:80",
            "198.51.100.1:123456",
            "198.51.100.1:-1",
            "[198.51.100.1]:80",
            "[2001:db8::1",
            "2001:db8::1]:80",
            "[2001:db8::1]80",
            "[2001:db8::1]:",
            "[[2001:db8::1]]:80",
            "[localhost]:80",
            "localhost:80",
            "evil.example:80",
            "[fe80::1%lo]:80",
            "\"[2001:db8::1]:80\"",
            "for=198.51.100.1",
            "1:2",
            ":::",
            "1.2.3.4.5:6",
            "_hidden:80",
            "unknown"
          }) {
        app.clock().advance(Duration.ofMinutes(1));
        for (int i = 0; i < 9; i++) {
          assertThat(login(app, user, "X-Forwarded-For: " + hop)).as(hop).isEqualTo(401);
        }
        assertThat(login(app, user, "X-Other: it came from the proxy")).as(hop).isEqualTo(401);
        assertThat(login(app, user, "X-Forwarded-For: " + hop)).as(hop).isEqualTo(429);
      }
    }
  }

  private static int login(AppFixture app, Login user, String headerLines) {
    String body = AppFixture.object("email", user.email(), "password", TOO_LONG).toString();
    String request =
        "POST /auth/login HTTP/1.1\r\nHost: x\r\n"
            + headerLines
            + "\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    return RawClient.send(app, request.getBytes(StandardCharsets.US_ASCII)).status();
  }
}
