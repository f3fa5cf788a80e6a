package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What people read in the repository leads to what is there. */
class DocumentsTest {

  private static final Path CONTRIBUTING = Path.of("CONTRIBUTING.md");
  private static final Path ROOMS = Path.of("src/main/java/io/coterie");
  private static final Path TESTS = Path.of("src/test/java");

  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]+)(#[^)]*)?\\)");
  private static final Pattern CLASS =
      Pattern.compile("`(?:[a-z]+/)?([A-Z]\\w+(?:Test|IT|Dao))\\b");
  private static final Pattern PROPERTY =
      Pattern.compile("(?:getInteger|getLong|getBoolean)\\(\"([^\"]+)\"");

  static List<Path> documents() throws IOException {
    try (Stream<Path> docs = Files.list(Path.of("src/main/resources/docs"))) {
      return Stream.concat(
              Stream.of(Path.of("README.md"), CONTRIBUTING, Path.of("CHANGELOG.md")),
              docs.filter(doc -> doc.toString().endsWith(".md")))
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void links_leadToFiles(Path document) {
    Path folder = document.toAbsolutePath().getParent();
    assertThat(found(LINK, document)).allSatisfy(link -> assertThat(folder.resolve(link)).exists());
  }

  @Test
  void readme_everyDocument_isLinked() throws IOException {
    Set<String> linked = found(LINK, Path.of("README.md"));
    for (Path document : documents()) {
      assertThat(document.equals(Path.of("README.md")) || linked.contains(document.toString()))
          .as(document.toString())
          .isTrue();
    }
  }

  @Test
  void contributing_everyRoom_isInTheTable() throws IOException {
    try (Stream<Path> rooms = Files.list(ROOMS)) {
      List<Path> packages = rooms.filter(Files::isDirectory).toList();
      assertThat(packages).hasSizeGreaterThan(20);
      for (Path room : packages) {
        assertThat(CONTRIBUTING)
            .content()
            .containsPattern("(?m)^\\|[^|]*`" + room.getFileName() + "`[^|]*\\|");
      }
    }
  }

  @Test
  void contributing_propertiesOfTests_areNamed() {
    Set<String> properties =
        sources(TESTS).flatMap(file -> found(PROPERTY, file).stream()).collect(Collectors.toSet());
    assertThat(properties).contains("kill.rounds", "endure.minutes");
    for (String property : properties) {
      assertThat(CONTRIBUTING).content().containsPattern("[`D]" + Pattern.quote(property) + "\\b");
    }
  }

  @Test
  void contributing_testsThatItNames_areThere() {
    Set<String> classes =
        sources(Path.of("src"))
            .map(file -> file.getFileName().toString().replace(".java", ""))
            .collect(Collectors.toSet());
    assertThat(found(CLASS, CONTRIBUTING)).hasSizeGreaterThan(20).isSubsetOf(classes);
  }

  private static Stream<Path> sources(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> found(Pattern pattern, Path file) {
    try {
      return pattern
          .matcher(Files.readString(file))
          .results()
          .map(result -> result.group(1))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
