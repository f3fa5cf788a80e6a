package io.coterie.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.Await;
import io.coterie.ChatClient;
import io.coterie.RawConnection;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** More connections than there may be. */
class ConnectionLimitTest {

  private final AppFixture app = AppFixture.start("server.max-connections=100");
  private final List<RawConnection> many = new ArrayList<>();

  @AfterEach
  void stop() {
    many.forEach(RawConnection::close);
    app.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET /ping HTTP/1.1\r\nHo",
        "POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{",
        "POST /auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"
      })
  void thoseThatIdle_giveWay(String sent) {
    AppFixture.Login user = app.login();
    String chat = app.chat(user);
    try (ChatClient client = app.connect(user, chat)) {
      for (int i = 0; i < 300; i++) {
        many.add(RawConnection.to(app).send(sent));
      }
      Await.until(() -> app.get(null, "/ping").status() == 200, () -> "no answer");
      assertThat(app.login().token()).isNotEmpty();
      client.send("ping", AppFixture.object());
      client.await("pong");
    }
  }
}
