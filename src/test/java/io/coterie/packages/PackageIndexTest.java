package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackageIndexTest {
  private static final String SHA = "ab".repeat(32);

  @Test
  void find_latest_isTheHighestThatIsNoPreRelease() {
    PackageIndex index = index("1.9.0", "1.10.0", "2.0.0-rc.1", "1.2.0");

    assertThat(index.find("latest")).map(PackageIndex.Entry::version).contains("1.10.0");
    assertThat(index.newest()).map(PackageIndex.Entry::version).contains("1.10.0");
  }

  @Test
  void find_latestOfPreReleasesOnly_isEmpty() {
    PackageIndex index = index("1.0.0-alpha", "1.0.0-beta");

    assertThat(index.find("latest")).isEmpty();
    assertThat(index.newest()).map(PackageIndex.Entry::version).contains("1.0.0-beta");
    assertThat(index().find("latest")).isEmpty();
    assertThat(index().newest()).isEmpty();
  }

  @Test
  void find_explicitPreRelease_isFound() {
    assertThat(index("1.0.0", "2.0.0-rc.1").find("2.0.0-rc.1"))
        .map(PackageIndex.Entry::version)
        .contains("2.0.0-rc.1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1.0.1", "1.0", "1", "v1.0.0", "", "^1.0.0", "1.0.0 ", "LATEST", "../1.0.0"})
  void find_whatIsNotListedOrNoVersion_isEmpty(String version) {
    assertThat(index("1.0.0", "2.0.0-rc.1").find(version)).isEmpty();
  }

  @Test
  void find_buildMetadata_hasNoPartInPrecedence() {
    PackageIndex index = index("1.0.0+a", "1.0.0+b", "0.9.0");

    assertThat(index.find("latest")).map(PackageIndex.Entry::version).contains("1.0.0+b");
    assertThat(index.find("1.0.0")).map(PackageIndex.Entry::version).contains("1.0.0+b");
    assertThat(index.find("1.0.0+a")).map(PackageIndex.Entry::version).contains("1.0.0+a");
    assertThat(index.find("1.0.0+c")).isEmpty();
    assertThat(index("1.0.0", "1.0.0+a").find("1.0.0"))
        .map(PackageIndex.Entry::version)
        .contains("1.0.0");
  }

  @Test
  void newest_preReleases_followTheOrderOfTheStandard() {
    List<String> ascending =
        List.of(
            "1.0.0-1",
            "1.0.0-9",
            "1.0.0-10",
            "1.0.0-20260101120000",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1");
    for (int i = 1; i <= ascending.size(); i++) {
      String[] some = ascending.subList(0, i).toArray(String[]::new);
      Collections.reverse(Arrays.asList(some));
      assertThat(index(some).newest())
          .map(PackageIndex.Entry::version)
          .contains(ascending.get(i - 1));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          not json                                   | is not valid JSON
          []                                         | is not a JSON object
          {} {}                                      | is not valid JSON
          {"name":"pkg","name":"pkg","versions":[]}  | is not valid JSON
          {"name":"other","versions":[]}             | is not the one of pkg
          {"versions":[]}                            | is not the one of pkg
          {"name":"pkg"}                             | no list of versions
          {"name":"pkg","versions":{}}               | no list of versions
          {"name":"pkg","versions":["1.0.0"]}        | not SemVer
          """)
  void parse_brokenIndex_isRefused(String json, String message) {
    assertThatThrownBy(() -> PackageIndex.parse(json.getBytes(StandardCharsets.UTF_8), "pkg"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource({
    "1.0, pkg.zip, 64, not SemVer",
    "1.0.0, ../pkg.zip, 64, plain file name",
    "1.0.0, /pkg.zip, 64, plain file name",
    "1.0.0, sub/pkg.zip, 64, plain file name",
    "1.0.0, %2e%2e, 64, plain file name",
    "1.0.0, .., 64, plain file name",
    "1.0.0, pkg.zip?x, 64, plain file name",
    "1.0.0, http://x.example/p, 64, plain file name",
    "1.0.0, '', 64, plain file name",
    "1.0.0, pkg.zip, 63, 64 hex",
    "1.0.0, pkg.zip, 65, 64 hex",
  })
  void parse_brokenEntry_isRefused(String version, String file, int digits, String message) {
    String json = json(version, file, "0".repeat(digits));

    assertThatThrownBy(() -> PackageIndex.parse(json.getBytes(StandardCharsets.UTF_8), "pkg"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining(message);
  }

  @Test
  void parse_versionListedTwice_isRefused() {
    String one = "{\"version\":\"1.0.0\",\"file\":\"a.zip\",\"sha256\":\"" + SHA + "\"}";
    String json = "{\"name\":\"pkg\",\"versions\":[" + one + "," + one + "]}";

    assertThatThrownBy(() -> PackageIndex.parse(json.getBytes(StandardCharsets.UTF_8), "pkg"))
        .hasMessageContaining("twice");
  }

  @Test
  void parse_latin1_isRefused() {
    byte[] bytes = "{\"name\":\"pkg\",\"x\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);

    assertThatThrownBy(() -> PackageIndex.parse(bytes, "pkg")).hasMessageContaining("not UTF-8");
  }

  @Test
  void parse_byteOrderMarkUpperCaseHashAndUnknownFields_areAccepted() throws Exception {
    String json = "\uFEFF" + json("1.0.0+x", "pkg-1.0.0+x.zip", SHA.toUpperCase(Locale.ROOT));

    PackageIndex index = PackageIndex.parse(json.getBytes(StandardCharsets.UTF_8), "pkg");
    assertThat(index.entries())
        .containsExactly(new PackageIndex.Entry("1.0.0+x", "pkg-1.0.0+x.zip", SHA));
  }

  private static String json(String version, String file, String sha) {
    return """
        {"name":"pkg","versions":[{"version":"%s","file":"%s","sha256":"%s","size":1}],"more":1}"""
        .formatted(version, file, sha);
  }

  private static PackageIndex index(String... versions) {
    return new PackageIndex(
        "pkg",
        Arrays.stream(versions)
            .map(v -> new PackageIndex.Entry(v, "pkg-" + v + ".zip", SHA))
            .toList());
  }
}
