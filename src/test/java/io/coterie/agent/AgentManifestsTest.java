package io.coterie.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentManifestsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String MINIMAL =
      """
      {"agent_id":"helper","version":"1.2.3","name":"Helper","description":"Helps.",
       "kind":"llm","instructions":"Help."}""";
  private static final String FULL =
      """
      {"agent_id":"helper-2_b","version":"1.2.3-rc.1+build.5","name":"Helper","description":"Helps.",
       "kind":"llm","instructions":"Help.","model":"openrouter/vendor/model:free","temperature":0.5,
       "delegates":["calculator","summarizer","calculator"],
       "tools":[{"mcp":{"url":"https://tools.example/mcp","secret":"x"},"other":1},
                {"mcp":{"command":["npx","server"]}}],
       "max_steps":7,"starters":["Hello","Bye"],"license":"Apache-2.0",
       "homepage":"https://helper.example/","unknown":{"is":"ignored"}}""";

  @Test
  void parse_minimal_leavesTheRestEmpty() throws Exception {
    AgentManifest manifest = parse(MINIMAL);

    assertThat(manifest.agentId()).isEqualTo("helper");
    assertThat(manifest.version()).isEqualTo("1.2.3");
    assertThat(manifest.name()).isEqualTo("Helper");
    assertThat(manifest.description()).isEqualTo("Helps.");
    assertThat(manifest.kind()).isEqualTo("llm");
    assertThat(manifest.instructions()).isEqualTo("Help.");
    assertThat(manifest.delegates()).isEmpty();
    assertThat(manifest.tools()).isEmpty();
    assertThat(manifest.starters()).isEmpty();
    assertThat(manifest.model()).isNull();
    assertThat(manifest.temperature()).isNull();
    assertThat(manifest.maxSteps()).isNull();
    assertThat(manifest.license()).isNull();
    assertThat(manifest.homepage()).isNull();
    assertThat(AgentManifests.runsCommands(manifest)).isFalse();
  }

  @Test
  void parse_full_readsEveryField() throws Exception {
    AgentManifest manifest = parse(FULL);

    assertThat(manifest.model()).isEqualTo("openrouter/vendor/model:free");
    assertThat(manifest.temperature()).isEqualTo(0.5);
    assertThat(manifest.delegates()).containsExactly("calculator", "summarizer");
    assertThat(manifest.maxSteps()).isEqualTo(7);
    assertThat(manifest.starters()).containsExactly("Hello", "Bye");
    assertThat(manifest.license()).isEqualTo("Apache-2.0");
    assertThat(manifest.homepage()).isEqualTo("https://helper.example/");
    assertThat(manifest.tools())
        .extracting(JsonNode::toString)
        .containsExactly(
            "{\"mcp\":{\"url\":\"https://tools.example/mcp\"}}",
            "{\"mcp\":{\"command\":[\"npx\",\"server\"]}}");
    assertThat(AgentManifests.runsCommands(manifest)).isTrue();
  }

  @Test
  void fromJson_ofToJson_isTheSame() throws Exception {
    for (AgentManifest manifest : new AgentManifest[] {parse(MINIMAL), parse(FULL)}) {
      ObjectNode stored = AgentManifests.toJson(manifest);

      assertThat(AgentManifests.fromJson(stored.toString())).isEqualTo(manifest);
      assertThat(stored.has("agent_id")).isTrue();
      assertThat(stored.has("instructions")).isTrue();
    }
    assertThat(AgentManifests.toJson(parse(FULL)).get("max_steps").intValue()).isEqualTo(7);
    assertThat(AgentManifests.toJson(parse(MINIMAL)).has("model")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "{}", "{\"agent_id\":5,\"delegates\":[]}", "{"})
  void fromJson_ofSomethingElse_throws(String stored) {
    assertThatThrownBy(() -> AgentManifests.fromJson(stored))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void parse_instructionsFile_readsIt() throws Exception {
    ObjectNode json = (ObjectNode) JSON.readTree(MINIMAL);
    json.remove("instructions");
    json.put("instructions_file", "a.md");

    assertThat(AgentManifests.parse(json, Map.of("a.md", "From the file.")::get).instructions())
        .isEqualTo("From the file.");
    assertThatThrownBy(() -> AgentManifests.parse(json, name -> null))
        .isInstanceOf(ManifestException.class)
        .hasMessage("instructions_file must be a file of the package");
    assertThatThrownBy(() -> AgentManifests.parse(json, name -> " \n"))
        .isInstanceOf(ManifestException.class)
        .hasMessageContaining("instructions_file must be a text");
    json.put("instructions", "Both.");
    assertThatThrownBy(() -> AgentManifests.parse(json, name -> "x"))
        .hasMessage("either instructions or instructions_file must be given");
  }

  @ParameterizedTest
  @ValueSource(strings = {"agent_id", "version", "name", "description", "kind", "instructions"})
  void parse_requiredFieldMissingNullOrOfWrongType_isRefusedByName(String field) throws Exception {
    ObjectNode absent = (ObjectNode) JSON.readTree(MINIMAL);
    absent.remove(field);
    ObjectNode none = absent.deepCopy().putNull(field);
    ObjectNode number = absent.deepCopy().put(field, 5);
    ObjectNode blank = absent.deepCopy().put(field, " ");
    for (ObjectNode json : new ObjectNode[] {absent, none, number, blank}) {
      assertThatThrownBy(() -> AgentManifests.parse(json, name -> null))
          .isInstanceOf(ManifestException.class)
          .hasMessageContaining(field)
          .hasMessageContaining("must be");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          agent_id    | "Upper"                 | agent_id must be 1 to 64
          agent_id    | "-x"                    | agent_id must be 1 to 64
          agent_id    | "../x"                  | agent_id must be 1 to 64
          agent_id    | "x\\n"                  | agent_id must be 1 to 64
          agent_id    | "guide"                 | agent_id guide is built in
          agent_id    | "echo"                  | agent_id echo is built in
          agent_id    | "calculator"            | agent_id calculator is built in
          agent_id    | "coordinator"           | agent_id coordinator is built in
          version     | "1.2"                   | version must be a SemVer 2.0 version
          version     | "v1.2.3"                | version must be a SemVer 2.0 version
          version     | " 1.2.3"                | version must be a SemVer 2.0 version
          version     | "01.2.3"                | version must be a SemVer 2.0 version
          version     | "1.2.3-9999999999999999999" | version must be a SemVer 2.0 version
          version     | "latest"                | version must be a SemVer 2.0 version
          name        | "a\\u0000b"             | name must be text without NUL
          name        | "a\\ud800b"             | name must be text without NUL
          kind        | "builtin"               | kind must be "llm"
          model       | "gpt-4"                 | model must be PROVIDER/MODEL
          model       | "/gpt-4"                | model must be PROVIDER/MODEL
          model       | "my provider/x"         | model must be PROVIDER/MODEL
          model       | 4                       | model must be a text
          temperature | 2.1                     | temperature must be a number from 0 to 2
          temperature | -0.1                    | temperature must be a number from 0 to 2
          temperature | "1"                     | temperature must be a number from 0 to 2
          max_steps   | 0                       | max_steps must be a whole number from 1 to 100
          max_steps   | 101                     | max_steps must be a whole number from 1 to 100
          max_steps   | 1.5                     | max_steps must be a whole number from 1 to 100
          max_steps   | 4294967297              | max_steps must be a whole number from 1 to 100
          delegates   | "a"                     | delegates must be a list of at most 50
          delegates   | ["A"]                   | each of delegates must be an agent_id
          delegates   | [1]                     | each of delegates must be a text
          starters    | ["a",null]              | each of starters must be a text of 1 to 200
          starters    | {"a":1}                 | starters must be a list of at most 10
          tools       | [{}]                    | each of tools must be {"mcp"
          tools       | ["x"]                   | each of tools must be {"mcp"
          tools       | [{"mcp":{}}]            | each of tools must be {"mcp"
          tools       | [{"mcp":{"url":"https://x.example","command":["x"]}}] | each of tools must be
          tools       | [{"mcp":{"url":"file:///etc"}}] | tools url must be an http or https address
          tools       | [{"mcp":{"url":5}}]     | tools url must be a text
          tools       | [{"mcp":{"command":[]}}] | tools command must be a list
          tools       | [{"mcp":{"command":"rm"}}] | command must be a list
          tools       | [{"mcp":{"command":["a\\u0000"]}}] | each of command must be text without NUL
          homepage    | "javascript:alert(1)"   | homepage must be an http or https address
          homepage    | "https:///x"            | homepage must be an http or https address
          license     | ["MIT"]                 | license must be a text of 1 to 100
          """)
  void parse_badValue_namesTheFieldAndWhatWasExpected(String field, String value, String message)
      throws Exception {
    ObjectNode json = (ObjectNode) JSON.readTree(MINIMAL);
    json.set(field, JSON.readTree(value));

    assertThatThrownBy(() -> AgentManifests.parse(json, name -> null))
        .isInstanceOf(ManifestException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @CsvSource({"name,200", "description,1000", "instructions,100000", "license,100"})
  void parse_textAtAndOverItsLimit_isAcceptedAndRefused(String field, int limit) throws Exception {
    ObjectNode json = (ObjectNode) JSON.readTree(MINIMAL);

    AgentManifest atLimit = AgentManifests.parse(json.put(field, "x".repeat(limit)), name -> null);
    assertThat(AgentManifests.toJson(atLimit).get(field).textValue()).hasSize(limit);
    json.put(field, "x".repeat(limit + 1));
    assertThatThrownBy(() -> AgentManifests.parse(json, name -> null))
        .hasMessage(field + " must be a text of 1 to " + limit + " characters");
  }

  @ParameterizedTest
  @CsvSource({"delegates,50", "starters,10"})
  void parse_listAtAndOverItsLimit_isAcceptedAndRefused(String field, int limit) throws Exception {
    ObjectNode json = (ObjectNode) JSON.readTree(MINIMAL);
    for (int i = 0; i < limit; i++) {
      json.withArray(field).add("a" + i);
    }
    AgentManifest atLimit = AgentManifests.parse(json, name -> null);
    assertThat(AgentManifests.toJson(atLimit).get(field)).hasSize(limit);
    json.withArray(field).add("more");
    assertThatThrownBy(() -> AgentManifests.parse(json, name -> null))
        .hasMessage(field + " must be a list of at most " + limit);
  }

  @Test
  void parse_nullsForOptionalFields_areAbsent() throws Exception {
    ObjectNode json = (ObjectNode) JSON.readTree(MINIMAL);
    for (String field :
        new String[] {
          "instructions_file",
          "model",
          "temperature",
          "delegates",
          "tools",
          "max_steps",
          "starters",
          "license",
          "homepage"
        }) {
      json.putNull(field);
    }
    assertThat(AgentManifests.parse(json, name -> null)).isEqualTo(parse(MINIMAL));
  }

  @Test
  void parse_noObject_isRefused() {
    assertThatThrownBy(() -> AgentManifests.parse(JSON.readTree("[]"), name -> null))
        .isInstanceOf(ManifestException.class)
        .hasMessage("the manifest must be a JSON object");
    assertThatThrownBy(() -> AgentManifests.parse(null, name -> null))
        .isInstanceOf(ManifestException.class);
  }

  private static AgentManifest parse(String json) throws Exception {
    return AgentManifests.parse(JSON.readTree(json), name -> null);
  }
}
