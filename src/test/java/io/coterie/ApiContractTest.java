package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.ApiContract.Answered;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What holds answers against the document sees what is wrong. */
class ApiContractTest {

  private static final String JSON = "application/json";

  private static AppFixture app;
  private static ApiContract contract;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    contract = ApiContract.of(app);
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "GET | /ping | 200 | {'msg':'pong'}",
        "GET | /user | 401 | {'msg':'Invalid token'}",
        "GET | /user | 405 | {'msg':'Method not allowed'}",
        "GET | /nowhere | 404 | {'msg':'Not found'}",
        "POST | /register | 400 | {'msg':'email must be a string'}",
        "GET | /agent/download?query=x | 418 | 'Failed'"
      })
  void problem_asDescribed_isNone(String method, String target, int status, String body) {
    assertThat(contract.problem(answered(method, target, status, body))).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "GET | /ping | 200 | {'msg':'pang'}",
        "GET | /ping | 200 | {'msg':'pong','more':1}",
        "GET | /ping | 200 | {}",
        "GET | /ping | 418 | {'msg':'x'}",
        "GET | /nowhere | 200 | {}",
        "PUT | /ping | 200 | {}",
        "GET | /user | 401 | {'msg':'Go away'}",
        "GET | /user | 200 | {'user':{'user_id':'x','email':'e','role':'king','created_at':'2026-01-31T12:00:00.000Z'}}",
        "GET | /user | 200 | {'user':{'user_id':'x','email':'e','role':'user','created_at':'2026-01-31T12:00:00Z'}}",
        "POST | /register | 400 | {'msg':'Something else'}"
      })
  void problem_otherThanDescribed_isTold(String method, String target, int status, String body) {
    assertThat(contract.problem(answered(method, target, status, body)))
        .startsWith(method + " " + target + " " + status);
  }

  @Test
  void problem_ofAnotherType_isTold() {
    Answered answer = new Answered("GET", "/ping", 200, headers("text/html"), "<p>pong</p>");
    assertThat(contract.problem(answer)).contains("text/html");
  }

  @Test
  void problem_withoutAHeaderThatIsPromised_isTold() {
    String refusal = "{\"msg\":\"Invalid token\"}";
    assertThat(contract.problem(new Answered("GET", "/user", 401, name -> null, refusal)))
        .contains("X-Request-Id");
    assertThat(contract.problem(new Answered("GET", "/user", 401, headers(JSON), refusal)))
        .contains("WWW-Authenticate");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/chat/message | : still here",
        "/chat/message | event: pong~data: {}",
        "/chat/message | event: ready~data: {'chat_id':'c','last_seq':0,'recovered':true}",
        "/v1/chat/completions | data: [DONE]",
        "/v1/chat/completions | data: {'id':'x','object':'chat.completion.chunk','created':1,'model':'m','choices':[]}",
        "/v1/chat/completions | data: {'error':{'message':'m','type':'server_error','param':null,'code':null}}"
      })
  void problem_ofAStreamAsDescribed_isNone(String path, String block) {
    assertThat(contract.problem(streamed(path, block))).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/chat/message | event: pang~data: {}",
        "/chat/message | event: pong~id: 1~data: {}",
        "/chat/message | event: ready~data: {'chat_id':'c','last_seq':0}",
        "/v1/chat/completions | data: {'id':'x'}",
        "/v1/chat/completions | data: {'error':{'message':'m'}}"
      })
  void problem_ofAnotherEvent_isTold(String path, String block) {
    assertThat(contract.problem(streamed(path, block))).startsWith("POST " + path + " 200");
  }

  private static Answered streamed(String path, String block) {
    String body = ": begun~~" + block + "~~";
    return new Answered(
        "POST",
        path,
        200,
        headers("text/event-stream"),
        body.replace('~', '\n').replace('\'', '"'));
  }

  /** The usual ones; 401 and 429 have more. */
  private static UnaryOperator<String> headers(String type) {
    return name ->
        switch (name) {
          case "Content-Type" -> type;
          case "X-Request-Id" -> "1";
          default -> null;
        };
  }

  private static Answered answered(String method, String target, int status, String body) {
    UnaryOperator<String> usual = headers(JSON);
    UnaryOperator<String> headers =
        name -> name.equals("WWW-Authenticate") ? "Bearer" : usual.apply(name);
    return new Answered(method, target, status, headers, body.replace('\'', '"'));
  }
}
