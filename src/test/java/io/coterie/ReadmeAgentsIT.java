package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.http.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The recipes for agents, pasted as {@link PastedReadme} does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReadmeAgentsIT {

  @TempDir static Path folder;

  private Map<String, String> printed;

  @BeforeAll
  void paste() throws IOException {
    printed = PastedReadme.paste(folder, Readme.README, Readme.AGENTS);
  }

  @Test
  void walk_withAModel_printsTheSame() {
    assertThat(printed("A walk with curl")).contains("Agent added to Workspace.", "model.default");
  }

  @Test
  void install_asPrinted_isFoundInstalledAddedAndAsked() {
    String printed = printed("Install a package, add it, ask it");
    assertThat(printed)
        .containsSubsequence(
            "\"name\":\"email-writer\"",
            "\"Successfully installed email-writer:1.0.0\"",
            "Agent added to Workspace.",
            "\"content\":\"E-mail: Ask my landlord to repair the heating before Friday\"");
  }

  @Test
  void planner_asPrinted_asksSeveralAtOnceAndThenAnother() {
    String printed = printed("Install a package, add it, ask it");
    for (String name : List.of("planner", "researcher", "critic", "writing-editor")) {
      assertThat(printed).contains("\"Successfully installed " + name + ":1.0.0\"");
    }
    assertThat(printed)
        .containsSubsequence(part("researcher", "started"), part("critic", "finished"))
        .containsSubsequence(part("critic", "started"), part("researcher", "finished"))
        .containsSubsequence(part("critic", "finished"), part("writing-editor", "started"))
        .containsSubsequence(
            "event: tool",
            "\"agent_id\":\"planner\",\"name\":\"critic\",\"status\":\"finished\"",
            "event: delta",
            "Briefing: Edited: Found: Facts: A one-page briefing on heat pumps in old houses",
            "event: run",
            "\"completed\"");
  }

  private static String part(String agentId, String status) {
    return "\"agent_id\":\"%s\",\"status\":\"%s\",\"parent_agent_id\":\"planner\",\"depth\":1"
        .formatted(agentId, status);
  }

  @Test
  void ownAgent_asPrinted_isThereAtOnceAndAsksTheCalculator() {
    assertThat(printed("Write your own agent in five minutes"))
        .containsSubsequence(
            "\"msg\":\"Agent created\"",
            "\"agent_id\":\"packing-list\"",
            "\"source\":\"user\"",
            "\"content\":\"Shirts: 3*2 = 6\"",
            "\"status\":\"completed\"");
  }

  @Test
  void pack_asPrinted_addsToARegistryThatTheNextPageNames() {
    assertThat(printed("Write your own agent in five minutes"))
        .containsSubsequence(
            "Packed haiku:1.0.0",
            "my-agents/registry/haiku/haiku-1.0.0.zip",
            "sha256 ",
            "my-agents/registry/index.json");
    String setting = PastedReadme.arguments(Readme.marked("restart"))[0];
    assertThat(printed("Write your own agent in five minutes")).contains(setting);
  }

  @Test
  void tools_asPrinted_areListedAndUsed() throws IOException {
    String printed = printed("Give an agent an MCP server");
    List<String> lines = printed.lines().filter(line -> line.startsWith("{")).toList();
    assertThat(lines).hasSize(3);
    assertThat(lines.get(0)).contains("\"msg\":\"Agent created\"", "\"agent_id\":\"librarian\"");
    JsonNode tools = Json.MAPPER.readTree(lines.get(1)).path("tools");
    assertThat(tools.findValuesAsText("name")).contains("add", "echo");
    assertThat(tools.path(0).path("mcp").path("command").isArray()).isTrue();
    assertThat(tools.findValuesAsText("error")).isEmpty();
    JsonNode answer = Json.MAPPER.readTree(lines.get(2));
    assertThat(answer.path("content").asText()).isEqualTo("flat.md says: serviced on 3 March");
    assertThat(folder.resolve("my-agents/notes/flat.md")).content().contains("3 March");
  }

  @Test
  void registry_fromAFolder_installsAndIsAsked() {
    assertThat(printed("Run your own registry from a folder"))
        .containsSubsequence(
            "\"Successfully installed haiku:1.0.0\"", "\"content\":\"Haiku: Rain on the window\"");
  }

  @Test
  void publish_asPrinted_isServedWithTheHashThatPackPrinted() {
    String packed = printed("Write your own agent in five minutes");
    String sha256 = packed.replaceFirst("(?s).*sha256 ([0-9a-f]{64}).*", "$1");
    assertThat(printed("Run your own registry from a folder"))
        .containsSubsequence(
            "{\"msg\":\"Package published\"}",
            "\"name\":\"haiku\"",
            "\"version\":\"1.0.0\"",
            sha256);
  }

  @Test
  void everything_asPrinted_leavesNothingThatGitWouldList() throws IOException {
    PastedReadme.assertNothingForGit(folder);
  }

  private String printed(String section) {
    assertThat(printed).containsKey(section);
    return printed.get(section);
  }
}
