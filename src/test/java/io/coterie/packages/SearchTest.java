package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.AllAtOnce;
import io.coterie.AppFixture;
import io.coterie.Expect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GET /agent/search. */
class SearchTest {

  @Test
  void search_wordInNameOrDescription_findsThePackages() {
    try (AppFixture app = AppFixture.start()) {
      String token = app.login().token();
      JsonNode all = search(app, token, "");
      assertThat(all.findValuesAsText("name")).contains("translator", "summarizer");
      assertThat(all.findValuesAsText("registry")).containsOnly("bundled:");
      assertThat(all).allSatisfy(p -> assertThat(p.size()).isEqualTo(4));
      assertThat(search(app, token, "?query=")).isEqualTo(all);
      assertThat(search(app, token, "?query=%20")).isEqualTo(all);
      JsonNode one = search(app, token, "?query=TRANSLATOR");
      assertThat(one.get(0).path("name").asText()).isEqualTo("translator");
      assertThat(one.get(0).path("version").asText()).matches("\\d+\\.\\d+\\.\\d+");
      assertThat(one.get(0).path("description").asText()).isNotBlank();
      assertThat(search(app, token, "?query=no-such-thing")).isEmpty();
      Expect.badField(app.get(token, "/agent/search?query=" + "x".repeat(201)), "query");
      Expect.msg(app.get(null, "/agent/search"), 401, "Missing Authorization Header");
    }
  }

  private static JsonNode search(AppFixture app, String token, String query) {
    var answer = app.get(token, "/agent/search" + query);
    assertThat(answer.status()).isEqualTo(200);
    return answer.json().path("packages");
  }

  @Test
  void search_folder_isNamedWithoutItsPath(@TempDir Path temp) throws Exception {
    Path folder = Files.createDirectories(temp.resolve("private/team"));
    Files.writeString(
        folder.resolve("index.json"),
        "{\"packages\":[{\"name\":\"poet\",\"description\":\"Verse\",\"version\":\"1.0.0\"}]}");
    for (String url : List.of("file:" + folder, "file://" + folder + "/")) {
      try (AppFixture app = AppFixture.start("registry.urls=" + url)) {
        JsonNode found = search(app, app.login().token(), "");
        assertThat(found.findValuesAsText("registry")).containsExactly("file:team");
      }
    }
  }

  @Test
  void search_unreachableRegistries_areLeftOut(@TempDir Path temp) {
    PackageServer closed = new PackageServer();
    closed.close();
    String urls = closed.url() + ",file:" + temp.resolve("nowhere") + ",bundled:";
    try (AppFixture app = AppFixture.start("registry.urls=" + urls)) {
      assertThat(search(app, app.login().token(), "").findValuesAsText("name"))
          .contains("translator");
    }
  }

  /** A registry that answers when it is let to. */
  private static final class SlowRegistry implements Registry {
    final AtomicInteger asked = new AtomicInteger();
    final CountDownLatch allAsked;
    final CountDownLatch answers;

    SlowRegistry(CountDownLatch allAsked, CountDownLatch answers) {
      this.allAsked = allAsked;
      this.answers = answers;
    }

    @Override
    public String url() {
      return "http://slow.example";
    }

    @Override
    public Optional<byte[]> read(String path, int maxBytes) {
      asked.incrementAndGet();
      allAsked.countDown();
      try {
        if (!answers.await(30, TimeUnit.SECONDS)) {
          throw new AssertionError("never let to answer");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return Optional.of("{\"packages\":[]}".getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void search_severalRegistries_areAskedSideBySide() throws Exception {
    CountDownLatch allAsked = new CountDownLatch(5);
    List<Registry> registries = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      registries.add(new SlowRegistry(allAsked, allAsked)); // each waits for all the others
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      PackageSearch search = new PackageSearch(registries, Duration.ofSeconds(30));
      assertThat(search.search("", threads).get(20, TimeUnit.SECONDS)).isEmpty();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void search_slowRegistry_isNotWaitedForLongAndAskedOnceAtATime() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    SlowRegistry slow = new SlowRegistry(new CountDownLatch(1), end);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      PackageSearch search =
          new PackageSearch(List.of(slow, new BundledRegistry()), Duration.ofMillis(100));
      Callable<List<FoundPackage>> call =
          () -> search.search("translator", threads).get(20, TimeUnit.SECONDS);
      assertThat(AllAtOnce.call(Collections.nCopies(10, call)))
          .allSatisfy(
              found -> assertThat(found).extracting(FoundPackage::name).contains("translator"));
      assertThat(slow.asked).hasValue(1);
      end.countDown();
      assertThat(search.search("", threads).get(20, TimeUnit.SECONDS)).isNotEmpty();
    } finally {
      threads.shutdownNow();
    }
  }
}
