package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.http.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The recipes for scripts, pasted as {@link PastedReadme} does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReadmeRecipesIT {

  private static final String BACKUPS = "Backups and upgrades";

  @TempDir static Path folder;

  private Map<String, String> printed;

  @BeforeAll
  void paste() throws IOException {
    printed = PastedReadme.paste(folder, Readme.README, Readme.SCRIPTS);
  }

  @Test
  void documents_withCommands_areAllPastedSomewhere() {
    assertThat(Readme.shellBlocks())
        .extracting(Readme.Block::document)
        .containsOnly(Readme.README, Readme.AGENTS, Readme.SCRIPTS);
  }

  @Test
  void keys_asPrinted_areMadeUsedListedAndRevoked() throws IOException {
    List<String> lines =
        printed("A key instead of a password")
            .lines()
            .filter(line -> line.startsWith("{"))
            .toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).contains("\"email\":\"ada@example.com\"");
    assertThat(Json.MAPPER.readTree(lines.get(1)).path("keys").findValuesAsText("name"))
        .containsExactlyInAnyOrder("nightly report", "one workspace");
    assertThat(lines.get(2)).isEqualTo("{\"msg\":\"API key revoked\"}");
  }

  @Test
  void ask_asPrinted_answersAsJsonTextAndStream() throws IOException {
    List<String> lines = lines("Chat in one call");
    JsonNode first = Json.MAPPER.readTree(lines.get(0));
    assertThat(first.path("content").asText()).contains("10");
    assertThat(first.path("workspace_id").asText()).isNotEmpty();
    assertThat(lines.get(1)).doesNotStartWith("{").contains("model");
    assertThat(lines.get(2)).isEqualTo("36 * 0.25 = 9");
    assertThat(lines.subList(3, lines.size()))
        .contains("{\"msg\":\"Chat updated\"}", "event: delta", "{\"msg\":\"Nothing to cancel\"}");
    assertThat(lines.stream().filter(line -> line.startsWith("event: run")).count()).isEqualTo(3);
  }

  @Test
  void openAi_asPrinted_listsAndCompletes() throws IOException {
    List<String> lines = lines("Programs that speak OpenAI's API");
    assertThat(Json.MAPPER.readTree(lines.get(0)).path("data").findValuesAsText("id"))
        .contains("calculator", "guide");
    assertThat(Json.MAPPER.readTree(lines.get(1)).at("/choices/0/message/content").asText())
        .contains("1024");
  }

  @Test
  void search_asPrinted_findsTheQuestionAndUsageCounts() throws IOException {
    List<String> lines = lines("Find what was said, see what it cost");
    JsonNode results = Json.MAPPER.readTree(lines.get(0)).path("results");
    assertThat(results.findValuesAsText("snippet")).containsExactly("@calculator 3 dozen");
    assertThat(Json.MAPPER.readTree(lines.get(1)).path("usage").findValuesAsText("agent_id"))
        .contains("calculator", "guide", "echo");
  }

  @Test
  void administration_asPrinted_promotesDisablesMeasuresAndBacksUp() {
    List<String> lines = lines("Administer");
    assertThat(lines.get(0)).contains("bob@example.com");
    assertThat(lines.subList(1, 3)).containsOnly("{\"msg\":\"User updated\"}");
    assertThat(lines)
        .anyMatch(line -> line.startsWith("coterie_runs_total{status=\"completed\"} "));
    assertThat(lines.get(lines.size() - 1)).startsWith("{\"msg\":\"Backup written\",\"file\":\"");
  }

  @Test
  void backup_asPrinted_isMadeByTheRunningServerAndRestored() throws IOException {
    assertThat(lines(BACKUPS)).hasSize(2);
    assertThat(lines(BACKUPS).get(0)).startsWith("Backup written to ");
    assertThat(lines(BACKUPS).get(1)).startsWith("Restored from ");
    assertThat(folder.resolve("my-backups/monday.zip")).isNotEmptyFile();
    assertThat(folder.resolve("data/coterie.mv.db")).isNotEmptyFile();
    try (Stream<Path> data = Files.list(folder.resolve("data"))) {
      assertThat(data.map(path -> path.getFileName().toString()))
          .anyMatch(name -> name.startsWith("before-restore-"));
    }
  }

  @Test
  void everything_asPrinted_leavesNothingThatGitWouldList() throws IOException {
    PastedReadme.assertNothingForGit(folder);
  }

  /** What was printed under a heading, without empty lines. */
  private List<String> lines(String section) {
    assertThat(printed).containsKey(section);
    return printed.get(section).lines().filter(line -> !line.isBlank()).toList();
  }

  private String printed(String section) {
    return String.join("\n", lines(section));
  }
}
