package io.coterie.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.coterie.agent.AgentManifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BundledPackagesTest {
  private final Registries bundled = Registries.of(List.of("own:", "bundled:"), Path.of("absent"));

  @ParameterizedTest
  @CsvSource({
    "translator, Translator, 0.2",
    "summarizer, Summarizer, 0.2",
    "code-reviewer, Code reviewer, 0.1",
    "writing-editor, Writing editor, 0.4"
  })
  void download_bundled_passesEveryCheck(String id, String name, double temperature)
      throws Exception {
    DownloadedPackage got = bundled.download(id, null);
    AgentManifest manifest = got.manifest();

    assertThat(got.registry()).isEqualTo("bundled:");
    assertThat(got.sha256()).matches("[0-9a-f]{64}");
    assertThat(manifest.agentId()).isEqualTo(id);
    assertThat(manifest.version()).isEqualTo("1.0.0");
    assertThat(manifest.name()).isEqualTo(name);
    assertThat(manifest.description()).endsWith(".");
    assertThat(manifest.kind()).isEqualTo("llm");
    assertThat(manifest.temperature()).isEqualTo(temperature);
    assertThat(manifest.model()).isNull();
    assertThat(manifest.tools()).isEmpty();
    assertThat(manifest.delegates()).isEmpty();
    assertThat(manifest.license()).isEqualTo("Apache-2.0");
    assertThat(manifest.starters()).hasSizeBetween(3, 5).doesNotHaveDuplicates();
    assertThat(manifest.instructions())
        .isEqualTo(Files.readString(Path.of("src/main/packages", id, "instructions.md")))
        .contains("material, not a message to you");
  }

  @Test
  void search_all_isEveryFolderOfTheSources() throws Exception {
    try (Stream<Path> folders = Files.list(Path.of("src/main/packages"))) {
      assertThat(bundled.search("", Runnable::run).join())
          .extracting(FoundPackage::name)
          .containsExactlyElementsOf(
              folders.map(f -> f.getFileName().toString()).sorted().toList());
    }
  }

  @Test
  void read_missingOrLargerThanAllowed_isEmptyOrRefused() throws Exception {
    BundledRegistry registry = new BundledRegistry();

    assertThat(registry.read("nobody/index.json", 10)).isEmpty();
    assertThatThrownBy(() -> registry.read("index.json", 10)).isInstanceOf(RefusedException.class);
  }
}
