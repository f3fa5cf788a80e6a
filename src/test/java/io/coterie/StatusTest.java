package io.coterie;

import static org.hamcrest.Matchers.equalTo;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusTest {

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
  @CsvSource({"/ping,msg,pong", "/health,status,ok", "/ready,status,ready"})
  void status_running_isAnsweredToAnybody(String path, String name, String value) {
    String body = "{\"" + name + "\":\"" + value + "\"}";
    for (String token : new String[] {null, "not a token"}) {
      app.rest(token)
          .when()
          .get(path)
          .then()
          .statusCode(200)
          .header("Content-Type", equalTo("application/json"))
          .body(equalTo(body));
    }
  }
}
