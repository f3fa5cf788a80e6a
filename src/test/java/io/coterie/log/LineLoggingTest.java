package io.coterie.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.coterie.http.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What stands in the log. */
class LineLoggingTest {

  private static final String LINE =
      "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) WARN LineLoggingTest - ";

  private final Logger log = LoggerFactory.getLogger(LineLoggingTest.class);

  @ParameterizedTest
  @ValueSource(
      strings = {"a\nb", "a\r\nb", "a\rb", "a\u0085b", "a\u2028b", "a\u000bb", "a\u001b[2Kb"})
  void record_withLineBreaks_isOneLine(String text) {
    List<String> lines = logged(() -> log.warn("said {} and {}", text, 1));
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0)).matches(LINE + "said a\\\\\\S+b and 1");
  }

  @Test
  void failure_withLineBreaksInMessagesAndCauses_isOneLine() {
    Exception failure =
        new IOException("no space\nleft", new IllegalStateException("in\r\ntwo", new Error("x")));
    List<String> lines = logged(() -> log.warn("failed", failure));
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0))
        .matches(LINE + "failed: java.io.IOException: no space\\\\nleft at io.coterie.*")
        .contains("; caused by java.lang.IllegalStateException: in\\r\\ntwo at ")
        .contains("; caused by java.lang.Error: x");
  }

  @Test
  void failureThatRepeatsInput_showsNothingOfIt() {
    Throwable json = catchThrowable(() -> Json.MAPPER.readTree("{\"a\":\n\ninjected}"));
    Throwable number = catchThrowable(() -> Integer.parseInt("injected"));
    Throwable uri = catchThrowable(() -> URI.create("http://injected host/"));
    for (Throwable each : List.of(json, number, uri, new RuntimeException(json))) {
      List<String> lines = logged(() -> log.warn("failed", each));
      assertThat(lines).hasSize(1);
      assertThat(lines.get(0)).doesNotContain("injected").contains("Exception at ");
    }
  }

  @Test
  void failureThatCausesItself_ends() {
    Exception first = new Exception("first");
    first.initCause(new Exception("second", first));
    assertThat(logged(() -> log.warn("failed", first))).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "io.coterie.App,INFO",
    "io.javalin.Javalin,ERROR",
    "org.eclipse.jetty.http.HttpParser,ERROR",
    "org.eclipse.jetty.ee10.servlet.ServletChannel,ERROR",
    "org.eclipse.jetty.io.ManagedSelector,WARN",
    "org.flywaydb.core.Flyway,WARN",
    "other,INFO"
  })
  void level_isThatOfTheLongestName(String name, Level level) {
    assertThat(LineLogging.level(name)).isEqualTo(level);
  }

  private static List<String> logged(Runnable work) {
    PrintStream before = System.out;
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      work.run();
    } finally {
      System.setOut(before);
    }
    return written.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
