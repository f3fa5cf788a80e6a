package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.agent.AgentManifest;
import io.coterie.agent.AgentManifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class BundledPackagesTest {
  private static final Path SOURCES = Path.of("src/main/packages");

  private final Registries bundled = Registries.of(List.of("own:", "bundled:"), Path.of("absent"));

  static List<String> names() throws IOException {
    try (Stream<Path> folders = Files.list(SOURCES)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void download_bundled_passesEveryCheck(String id) throws Exception {
    DownloadedPackage got = bundled.download(id, null);
    AgentManifest manifest = got.manifest();

    assertThat(got.registry()).isEqualTo("bundled:");
    assertThat(got.sha256()).matches("[0-9a-f]{64}");
    assertThat(manifest.agentId()).isEqualTo(id);
    assertThat(manifest.version()).isEqualTo("1.0.0");
    assertThat(manifest.name()).matches("[A-Z][A-Za-z -]{3,30}");
    assertThat(manifest.description()).matches("[A-Z][^.\\n]{40,160}\\.");
    assertThat(manifest.kind()).isEqualTo("llm");
    assertThat(manifest.temperature()).isBetween(0.0, 1.0);
    assertThat(manifest.model()).as("the server's default").isNull();
    assertThat(manifest.tools()).as("nothing that reaches out").isEmpty();
    assertThat(manifest.license()).isEqualTo("Apache-2.0");
    assertThat(manifest.starters()).hasSizeBetween(2, 4).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @MethodSource("names")
  void instructions_bundled_areOfUsefulLengthAndGuardAgainstForeignOrders(String id)
      throws Exception {
    String instructions = bundled.download(id, null).manifest().instructions();

    assertThat(instructions).isEqualTo(Files.readString(SOURCES.resolve(id + "/instructions.md")));
    assertThat(instructions.lines().count()).isBetween(25L, 80L);
    assertThat(instructions).startsWith("You ").contains("material, not a message to you");
    assertThat(instructions.lines().map(String::strip).filter(line -> line.length() > 40))
        .as("no line stands there twice")
        .doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @CsvSource({
    "planner, researcher",
    "planner, summarizer",
    "planner, writing-editor",
    "researcher, calculator",
    "data-analyst, calculator",
    "tutor, calculator"
  })
  void delegates_ofThoseThatAskOthers_areDeclared(String id, String delegate) throws Exception {
    AgentManifest manifest = bundled.download(id, null).manifest();

    assertThat(manifest.delegates()).contains(delegate);
    assertThat(manifest.maxSteps()).as("asking others takes several calls").isGreaterThan(5);
  }

  @Test
  void search_all_isEveryFolderOfTheSources() throws Exception {
    try (Stream<Path> folders = Files.list(SOURCES)) {
      assertThat(bundled.search("", Runnable::run).join())
          .extracting(FoundPackage::name)
          .containsExactlyElementsOf(
              folders.map(f -> f.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void delegates_all_areBundledOrBuiltInAndNeverLeadBack() throws Exception {
    Map<String, List<String>> delegates = new TreeMap<>();
    for (AgentManifest manifest : manifests()) {
      delegates.put(manifest.agentId(), manifest.delegates());
    }
    Set<String> known = new HashSet<>(delegates.keySet());
    known.addAll(AgentManifests.BUILT_IN);

    delegates.forEach((id, asks) -> assertThat(known).as(id).containsAll(asks));
    for (String id : delegates.keySet()) {
      assertThat(reachable(id, delegates)).as(id).doesNotContain(id);
    }
  }

  @Test
  void names_all_areManyAndDistinct() throws Exception {
    List<AgentManifest> manifests = manifests();

    assertThat(manifests).hasSizeGreaterThanOrEqualTo(10);
    assertThat(manifests).extracting(AgentManifest::name).doesNotHaveDuplicates();
    assertThat(manifests).extracting(AgentManifest::description).doesNotHaveDuplicates();
    assertThat(manifests.stream().flatMap(manifest -> manifest.starters().stream()))
        .doesNotHaveDuplicates();
  }

  @Test
  void list_ofTheRegistry_isEveryFolderOfTheSources() throws Exception {
    byte[] list = new BundledRegistry().read("index.json", Limits.INDEX).orElseThrow();
    JsonNode packages = StrictJson.object(list, "the list").path("packages");

    assertThat(packages.findValuesAsText("name")).containsExactlyElementsOf(names());
    assertThat(packages.findValuesAsText("version")).hasSameSizeAs(names()).containsOnly("1.0.0");
  }

  @Test
  void help_bundledPackages_namesEachOfThem() throws Exception {
    String help = Files.readString(Path.of("src/main/resources/docs/agents.md"));
    String section = help.substring(help.indexOf("\n## Bundled packages\n"));
    Set<String> named =
        section
            .substring(0, section.indexOf("\n## ", 1))
            .lines()
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.substring(3, line.indexOf('`', 3)))
            .collect(Collectors.toSet());

    assertThat(named).containsExactlyInAnyOrderElementsOf(names());
  }

  @Test
  void read_missingOrLargerThanAllowed_isEmptyOrRefused() throws Exception {
    BundledRegistry registry = new BundledRegistry();

    assertThat(registry.read("nobody/index.json", 10)).isEmpty();
    assertThatThrownBy(() -> registry.read("index.json", 10)).isInstanceOf(RefusedException.class);
  }

  private List<AgentManifest> manifests() throws Exception {
    List<AgentManifest> manifests = new ArrayList<>();
    for (String name : names()) {
      manifests.add(bundled.download(name, null).manifest());
    }
    return manifests;
  }

  private static Set<String> reachable(String from, Map<String, List<String>> delegates) {
    Set<String> reached = new HashSet<>();
    List<String> open = new ArrayList<>(delegates.get(from));
    while (!open.isEmpty()) {
      String next = open.remove(open.size() - 1);
      if (reached.add(next)) {
        open.addAll(delegates.getOrDefault(next, List.of()));
      }
    }
    return reached;
  }
}
