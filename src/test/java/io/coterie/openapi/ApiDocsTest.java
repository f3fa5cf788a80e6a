package io.coterie.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import io.coterie.AppFixture;
import io.coterie.AppFixture.Answer;
import io.coterie.Expect;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ApiDocsTest {

  private static final Pattern LINK = Pattern.compile("(?:src|href)=\"([^\"]*)\"");

  private static AppFixture app;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  private static Set<String> links() {
    Set<String> links = new TreeSet<>();
    Matcher matcher = LINK.matcher(app.get(null, "/docs").response().body());
    while (matcher.find()) {
      links.add(matcher.group(1));
    }
    return links;
  }

  private static String header(Answer answer, String name) {
    return answer.response().headers().firstValue(name).orElse(null);
  }

  @Test
  void document_asked_isTheSameEachTimeAndOfThisVersion() {
    Answer answer = app.get(null, "/openapi.json");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(header(answer, "Content-Type")).isEqualTo("application/json");
    assertThat(answer.json().path("info").path("version").asText()).matches("\\d+\\.\\d+\\.\\d+.*");
    assertThat(answer.json()).isEqualTo(ApiDocument.of("0.0.0"));
    assertThat(ApiDocument.of("1").toString()).isEqualTo(ApiDocument.of("1").toString());
  }

  @Test
  void document_andPage_areNotSentAgainToWhoeverHasThem() {
    for (String path : List.of("/openapi.json", "/docs")) {
      String tag = header(app.get(null, path), "ETag");
      Answer again = app.send(null, "GET", path, null, Map.of("If-None-Match", tag));
      assertThat(again.status()).isEqualTo(304);
      assertThat(again.response().body()).isEmpty();
      assertThat(header(again, "ETag")).isEqualTo(tag);
      Answer other = app.send(null, "GET", path, null, Map.of("If-None-Match", "\"other\""));
      assertThat(other.status()).isEqualTo(200);
      Answer head = app.send(null, "HEAD", path, null, Map.of());
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.response().body()).isEmpty();
      assertThat(header(head, "ETag")).isEqualTo(tag);
    }
  }

  @Test
  void page_asked_letsNoOtherHostAndNoForeignScriptIn() {
    Answer answer = app.get(null, "/docs");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(header(answer, "Content-Type")).isEqualTo("text/html;charset=utf-8");
    assertThat(header(answer, "Content-Security-Policy"))
        .startsWith("default-src 'self';")
        .doesNotContain("unsafe", "http", "*");
    assertThat(answer.response().body()).doesNotContain("//", "VERSION");
  }

  @Test
  void page_withASlashAtItsEnd_leadsToTheOneWithout() {
    Answer answer = app.get(null, "/docs/");
    assertThat(answer.status()).isEqualTo(308);
    assertThat(header(answer, "Location")).isEqualTo("../docs");
  }

  @Test
  void files_thatThePageNames_areThereAndMayBeKept() {
    Set<String> files = new TreeSet<>(links());
    files.removeIf(link -> !link.startsWith("docs/"));
    assertThat(files).hasSize(4);
    for (String file : files) {
      Answer answer = app.get(null, "/" + file);
      assertThat(answer.status()).as(file).isEqualTo(200);
      assertThat(header(answer, "Content-Type"))
          .isEqualTo((file.endsWith(".js") ? "text/javascript" : "text/css") + "; charset=utf-8");
      assertThat(header(answer, "Cache-Control")).contains("immutable", "max-age=31536000");
      assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
      assertThat(answer.response().body()).isNotBlank();
    }
    assertThat(app.get(null, "/openapi.json").status()).isEqualTo(200);
    assertThat(links()).contains("openapi.json");
  }

  @Test
  void file_unknownOrOfAnotherVersion_isNotFound() {
    String script = links().stream().filter(l -> l.endsWith("page.js")).findFirst().orElseThrow();
    String version = script.split("/")[1];
    for (String path :
        List.of(
            "/docs/0/page.js",
            "/docs/" + version + "/page.html",
            "/docs/" + version + "/..%2Fbase.json",
            "/docs/" + version + "/none")) {
      Answer answer = app.get(null, path);
      assertThat(answer.status()).as(path).isIn(400, 404);
    }
    Expect.msg(app.get(null, "/docs/0/page.js"), 404, "Not found");
  }
}
