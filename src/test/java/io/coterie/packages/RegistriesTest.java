package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RegistriesTest {
  private static final HttpDownloads.Timeouts QUICK =
      new HttpDownloads.Timeouts(
          Duration.ofSeconds(5), Duration.ofMillis(150), Duration.ofSeconds(30));

  @TempDir Path own;
  private final TestServer first = new TestServer();
  private final TestServer second = new TestServer();
  private final AtomicLong nanos = new AtomicLong();

  @AfterEach
  void close() {
    first.close();
    second.close();
  }

  private Registries registries(String... urls) {
    return Registries.of(List.of(urls), own, HttpDownloads.Timeouts.DEFAULT, nanos::get);
  }

  private Registries both() {
    return registries(first.url(), second.url());
  }

  private static byte[] zip(String name, String version) {
    return CraftedZip.sound(name, version).bytes();
  }

  private static Map<String, byte[]> versions(String name, String... versions) {
    Map<String, byte[]> archives = new LinkedHashMap<>();
    Arrays.stream(versions).forEach(v -> archives.put(v, zip(name, v)));
    return archives;
  }

  @Test
  void download_withoutAVersion_isTheLatest() throws Exception {
    first.packages("pkg", versions("pkg", "1.9.0", "1.10.0", "2.0.0-rc.1"));

    for (String version : new String[] {null, "", " ", "latest"}) {
      DownloadedPackage got = both().download("pkg", version);
      assertThat(got.manifest().agentId()).isEqualTo("pkg");
      assertThat(got.manifest().version()).isEqualTo("1.10.0");
      assertThat(got.registry()).isEqualTo(first.url());
      assertThat(got.sha256()).isEqualTo(PackageArchive.sha256(zip("pkg", "1.10.0")));
    }
  }

  @Test
  void download_explicitVersion_isThatOne() throws Exception {
    first.packages("pkg", versions("pkg", "1.9.0", "1.10.0", "2.0.0-rc.1+b"));

    assertThat(both().download("pkg", "1.9.0").manifest().version()).isEqualTo("1.9.0");
    assertThat(both().download("pkg", "2.0.0-rc.1").manifest().version()).isEqualTo("2.0.0-rc.1+b");
  }

  @Test
  void download_unknownEverywhere_isNotFound() {
    assertFails(404, "Package not found: pkg:latest", both(), "pkg", null);
    assertFails(404, "Package not found: pkg:1.2.3", both(), "pkg", "1.2.3");
    assertFails(404, "Package not found: pkg:1", registries(), "pkg", "1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "../pkg", "%2e%2e", "a/b", "agentName", "", " ", "a\\b", "x\0"})
  void download_nameThatCannotBe_isNotFoundWithoutAskingAnybody(String name) {
    assertFails(404, "Package not found: " + name + ":latest", both(), name, null);
    assertThat(first.requests()).isEmpty();
  }

  @Test
  void download_versionNotListedByTheFirstThatKnowsTheName_isNotFound() {
    first.packages("pkg", versions("pkg", "1.0.0"));
    second.packages("pkg", versions("pkg", "2.0.0"));

    assertFails(404, "Package not found: pkg:2.0.0", both(), "pkg", "2.0.0");
    assertThat(second.requests()).isEmpty();
  }

  @Test
  void download_onlyPreReleases_areNotLatest() {
    first.packages("pkg", versions("pkg", "1.0.0-rc.1"));
    assertFails(404, "Package not found: pkg:latest", both(), "pkg", null);
  }

  @Test
  void download_unknownToTheFirst_comesFromTheSecond() throws Exception {
    second.packages("pkg", versions("pkg", "1.0.0"));

    assertThat(both().download("pkg", null).registry()).isEqualTo(second.url());
    assertThat(first.requests()).containsExactly("/pkg/index.json");
  }

  @ParameterizedTest
  @CsvSource({"403,403", "500,500", "503,503", "410,410", "304,502"})
  void download_firstAnswersWithAnError_endsTheSearch(int answered, int status) {
    first.status("/pkg/index.json", answered);
    second.packages("pkg", versions("pkg", "1.0.0"));

    String text = "Failed to download package: pkg:latest, the registry answered " + answered;
    assertFails(status, text, both(), "pkg", null);
    assertThat(second.requests()).isEmpty();
  }

  @Test
  void download_firstCannotBeReachedIsTooSlowOrRedirects_endsTheSearch() {
    second.packages("pkg", versions("pkg", "1.0.0"));
    TestServer gone = new TestServer();
    gone.close();
    String failed = "Failed to download package: pkg:1.0.0, the registry ";

    Registries one = registries(gone.url(), second.url());
    assertFails(502, failed + "could not be reached", one, "pkg", "1.0.0");
    first.silent("/pkg/index.json");
    Registries two = Registries.of(List.of(first.url(), second.url()), own, QUICK, nanos::get);
    assertFails(502, failed + "took too long to answer", two, "pkg", "1.0.0");
    first.redirect("/pkg/index.json", 302, "https://127.0.0.1/");
    assertFails(502, failed + "redirected elsewhere", both(), "pkg", "1.0.0");
    assertFails(
        502, failed + "could not be reached", registries("file:/nowhere/at/all"), "pkg", "1.0.0");
    assertThat(second.requests()).isEmpty();
  }

  @Test
  void download_firstServesABrokenIndex_is422AndEndsTheSearch() {
    second.packages("pkg", versions("pkg", "1.0.0"));
    first.file("/pkg/index.json", "<html>".getBytes(StandardCharsets.UTF_8));
    String failed = "Failed to download package: pkg:latest, ";

    assertFails(422, failed + "the registry's index is not valid JSON", both(), "pkg", null);
    first.file("/pkg/index.json", new byte[Limits.INDEX + 1]);
    assertFails(422, failed + "the registry sent more than 1 MB", both(), "pkg", null);
    assertThat(second.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 403, 500})
  void download_fileThatTheRegistryDoesNotGive_isItsStatus(int status) {
    first.packages("pkg", versions("pkg", "1.0.0"));
    first.status("/pkg/pkg-1.0.0.zip", status);

    String text = "Failed to download package: pkg:1.0.0, the registry answered " + status;
    assertFails(status, text, both(), "pkg", "1.0.0");
  }

  @Test
  void download_otherBytesThanTheIndexPromised_is422() {
    first.packages("pkg", versions("pkg", "1.0.0"));
    first.file("/pkg/pkg-1.0.0.zip", zip("pkg", "1.0.1"));

    String text = "the package is not the one in the index: its SHA-256 differs";
    assertFails(422, "Failed to download package: pkg:latest, " + text, both(), "pkg", null);
  }

  @Test
  void download_archiveOfAnotherPackage_is422() {
    first.packages("pkg", Map.of("1.0.0", zip("other", "1.0.0")));

    String text = "Failed to download package: pkg:latest, agent_id in agent.json is not pkg";
    assertFails(422, text, both(), "pkg", null);
  }

  @Test
  void download_packageThatNeverEnds_is422() {
    first.packages("pkg", versions("pkg", "1.0.0"));
    first.endless("/pkg/pkg-1.0.0.zip", 200);

    String text = "Failed to download package: pkg:latest, the registry sent more than 50 MB";
    assertFails(422, text, both(), "pkg", null);
  }

  @Test
  void download_index_isKeptForAMinute() throws Exception {
    Registries registries = both();
    first.packages("pkg", versions("pkg", "1.0.0"));
    registries.download("pkg", null);
    first.packages("pkg", versions("pkg", "1.0.0", "1.1.0"));

    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    assertThat(registries.download("pkg", null).manifest().version()).isEqualTo("1.0.0");
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    assertThat(registries.download("pkg", null).manifest().version()).isEqualTo("1.1.0");
    assertThat(first.requests()).filteredOn("/pkg/index.json"::equals).hasSize(2);
    assertThat(first.requests()).filteredOn(path -> path.endsWith(".zip")).hasSize(3);
  }

  @Test
  void download_absenceAndErrors_areNotKept() throws Exception {
    Registries registries = both();
    assertFails(404, "Package not found: pkg:latest", registries, "pkg", null);
    first.status("/pkg/index.json", 500);
    assertThat(catchThrowableOfType(PackageException.class, () -> registries.download("pkg", null)))
        .isNotNull();
    first.packages("pkg", versions("pkg", "1.0.0"));

    assertThat(registries.download("pkg", null).manifest().version()).isEqualTo("1.0.0");
  }

  @Test
  void download_manyAtOnce_allSucceed() throws Exception {
    first.packages("pkg", versions("pkg", "1.0.0"));
    Registries registries = both();
    List<CompletableFuture<String>> running = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      // Not in the common pool: the JDK's HTTP client needs it, and it may have one thread.
      running.add(
          CompletableFuture.supplyAsync(
              () -> versionOf(registries), work -> new Thread(work, "download").start()));
    }
    for (CompletableFuture<String> one : running) {
      assertThat(one.get()).isEqualTo("1.0.0");
    }
  }

  private static String versionOf(Registries registries) {
    try {
      return registries.download("pkg", null).manifest().version();
    } catch (PackageException e) {
      return e.getMessage();
    }
  }

  @Test
  void download_fromAFolder_worksByFileUrlAndAsOwn() throws Exception {
    Files.createDirectories(own.resolve("pkg"));
    Files.write(own.resolve("pkg/index.json"), Indexes.of("pkg", versions("pkg", "1.0.0")));
    Files.write(own.resolve("pkg/pkg-1.0.0.zip"), zip("pkg", "1.0.0"));

    for (String url : new String[] {"own:", own.toUri().toString(), "file:" + own}) {
      DownloadedPackage got = registries("bundled:", url).download("pkg", null);
      assertThat(got.registry()).isEqualTo(url);
      assertThat(got.manifest().version()).isEqualTo("1.0.0");
    }
    Files.delete(own.resolve("pkg/pkg-1.0.0.zip"));
    String text = "Failed to download package: pkg:latest, the registry answered 404";
    assertFails(404, text, registries("own:"), "pkg", null);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "own",
        "own:x",
        "ftp://x.example/",
        "file:",
        "http:",
        "http:///x",
        "https://x.example/?a",
        "https://x.example/#a",
        "http://x.example:99999/",
        "https://u:p@x.example/",
        "a b",
        "file://h/x"
      })
  void of_addressThatIsNoRegistry_throwsOneLine(String url) {
    assertThatThrownBy(() -> registries(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be own:, bundled:, file:")
        .hasMessageNotContaining("u:p")
        .hasMessageNotContaining("\n");
  }

  @Test
  void search_overAllRegistries_firstOfANameWinsAndFailuresAreLeftOut() {
    String list =
        """
        {"packages":[{"name":"translator","description":"Mine","version":"9.0.0"},
          {"name":"poet","description":"Writes SONNETS","version":"1.0.0"},
          {"name":"../x","description":"sonnets","version":"1.0.0"},{"name":"y"},5]}""";
    first.file("/index.json", list.getBytes(StandardCharsets.UTF_8));
    second.status("/index.json", 500);
    Registries registries = registries(second.url(), first.url(), "own:", "bundled:");

    assertThat(registries.search(" sonnets "))
        .containsExactly(new FoundPackage("poet", "Writes SONNETS", "1.0.0", first.url()));
    assertThat(registries.search("TRANSLATOR"))
        .containsExactly(new FoundPackage("translator", "Mine", "9.0.0", first.url()));
    assertThat(registries.search("code"))
        .extracting(FoundPackage::name, FoundPackage::registry)
        .containsExactly(tuple("code-reviewer", "bundled:"));
    assertThat(registries.search("")).hasSize(registries("bundled:").search("").size() + 1);
  }

  private static void assertFails(
      int status, String text, Registries registries, String name, String version) {
    PackageException e =
        catchThrowableOfType(PackageException.class, () -> registries.download(name, version));
    assertThat(e).hasMessage(text);
    assertThat(e.status()).isEqualTo(status);
  }
}
