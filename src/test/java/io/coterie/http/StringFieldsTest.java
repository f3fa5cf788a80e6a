package io.coterie.http;

import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.Expect;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** String parameters in bodies: missing, of another type, too long, or not storable. */
class StringFieldsTest {

  /** One field of one route; {@code template} takes the field's value as JSON. */
  record Field(String method, String path, String name, String template, String missing) {
    Field(String method, String path, String name, String missing) {
      this(method, path, name, "{\"" + name + "\":%s}", missing);
    }

    @Override
    public String toString() {
      return method + " " + path + " " + name;
    }
  }

  private static AppFixture app;
  private static AppFixture.Login user;
  private static String workspace;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    user = app.login();
    workspace = app.workspace(user);
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  static Stream<Field> required() {
    String login = "Missing email/password parameter";
    String passwords = "Missing current_password/new_password parameter";
    String agent = "Missing agent_id parameter";
    return Stream.of(
        new Field("POST", "/register", "email", "{\"email\":%s,\"password\":\"p\"}", login),
        new Field("POST", "/register", "password", "{\"email\":\"f@x\",\"password\":%s}", login),
        new Field("POST", "/auth/login", "email", "{\"email\":%s,\"password\":\"p\"}", login),
        new Field("POST", "/auth/login", "password", "{\"email\":\"f@x\",\"password\":%s}", login),
        new Field(
            "PUT",
            "/user/password",
            "current_password",
            "{\"current_password\":%s,\"new_password\":\"n\"}",
            passwords),
        new Field(
            "PUT",
            "/user/password",
            "new_password",
            "{\"current_password\":\"c\",\"new_password\":%s}",
            passwords),
        new Field("DELETE", "/user", "password", "Missing password parameter"),
        new Field("POST", "/workspace/W/agent", "agent_id", agent),
        new Field("DELETE", "/workspace/W/agent", "agent_id", agent),
        new Field("PUT", "/workspace/W/rename", "name", "Missing name parameter"),
        new Field(
            "POST",
            "/chat/message",
            "chat_id",
            "{\"chat_id\":%s,\"message\":\"m\"}",
            "Missing chat id"),
        new Field(
            "POST",
            "/chat/message",
            "message",
            "{\"chat_id\":\"c\",\"message\":%s}",
            "Missing message parameter"));
  }

  @ParameterizedTest
  @MethodSource("required")
  void required_nullOrBlank_isMissing(Field field) {
    for (String value : List.of("null", "\"\"", "\"  \"", "\"\\t\\r\\n\"", "\"\\u2003\"")) {
      Expect.msg(send(field, value), 400, field.missing());
    }
  }

  @ParameterizedTest
  @MethodSource("required")
  void required_absent_isMissing(Field field) {
    Answer answer =
        app.send(
            user.token(),
            field.method(),
            field.path().replace("W", workspace),
            field.template().replace("\"" + field.name() + "\"", "\"other\"").formatted("1"),
            Map.of());
    Expect.msg(answer, 400, field.missing());
  }

  @ParameterizedTest
  @MethodSource("required")
  void required_ofAnotherType_isNamed(Field field) {
    for (String value : List.of("1", "1.5", "true", "false", "{}", "[]", "[\"a\"]", "{\"a\":1}")) {
      Expect.badField(send(field, value), field.name());
    }
  }

  @ParameterizedTest
  @MethodSource("required")
  void required_withNulOrUnpairedSurrogate_isNamed(Field field) {
    for (String value :
        List.of(
            "a\\u0000b", "\\u0000", "\\ud800", "a\\udc00b", "\\udc00\\ud800", "\\ud800\\ud800")) {
      Expect.badField(send(field, '"' + value + '"'), field.name());
    }
  }

  static Stream<Object[]> limited() {
    return Stream.of(
        new Object[] {field("POST", "/register", "email"), 254},
        new Object[] {field("POST", "/auth/login", "email"), 254},
        new Object[] {field("POST", "/workspace/W/agent", "agent_id"), 200},
        new Object[] {field("DELETE", "/workspace/W/agent", "agent_id"), 200},
        new Object[] {field("PUT", "/workspace/W/rename", "name"), 200},
        new Object[] {field("POST", "/chat/message", "message"), 100_000});
  }

  private static Field field(String method, String path, String name) {
    return required()
        .filter(f -> f.method().equals(method) && f.path().equals(path) && f.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @MethodSource("limited")
  void required_oneTooLong_isNamed(Field field, int limit) {
    Expect.badField(send(field, '"' + "a".repeat(limit + 1) + '"'), field.name());
  }

  @Test
  void email_wrongTypeInUpdate_isNamed() {
    for (String value : List.of("1", "true", "{}", "[]", "\"a\\u0000@b\"", "\"\\ud800@b\"")) {
      Expect.badField(
          app.send(user.token(), "PUT", "/user", "{\"email\":" + value + "}", Map.of()), "email");
    }
  }

  private static Answer send(Field field, String value) {
    return app.send(
        user.token(),
        field.method(),
        field.path().replace("W", workspace),
        field.template().formatted(value),
        Map.of());
  }
}
