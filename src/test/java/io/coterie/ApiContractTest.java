package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.ApiContract.Answered;
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
    Answered answer = new Answered("GET", "/ping", 200, "text/html", "<p>pong</p>");
    assertThat(contract.problem(answer)).contains("text/html");
  }

  private static Answered answered(String method, String target, int status, String body) {
    return new Answered(method, target, status, JSON, body.replace('\'', '"'));
  }
}
