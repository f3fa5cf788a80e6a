package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture.Answer;

/** What is common to answers: exact status, exact body, and the headers that each must carry. */
public final class Expect {

  private Expect() {}

  /** The answer has that status and the body {@code {"msg":msg}} with nothing beside it. */
  public static void msg(Answer answer, int status, String msg) {
    assertThat(answer.response().body()).isEqualTo(AppFixture.object("msg", msg).toString());
    assertThat(answer.status()).isEqualTo(status);
    headers(answer);
  }

  /** The answer is a 400 whose message begins with the name of the field at fault. */
  public static void badField(Answer answer, String field) {
    assertThat(answer.status()).as(answer.response().body()).isEqualTo(400);
    assertThat(answer.json().size()).isEqualTo(1);
    assertThat(answer.msg()).startsWith(field + " must ");
    headers(answer);
  }

  private static void headers(Answer answer) {
    var headers = answer.response().headers();
    assertThat(headers.firstValue("Content-Type")).hasValue("application/json");
    assertThat(headers.firstValue("X-Request-Id").orElse("")).isNotBlank();
    assertThat(headers.firstValue("WWW-Authenticate"))
        .isEqualTo(
            answer.status() == 401
                ? java.util.Optional.of("Bearer")
                : java.util.Optional.<String>empty());
  }
}
