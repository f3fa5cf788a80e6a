package io.coterie.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.coterie.http.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The JSON Schema of the manifest and the code that reads manifests accept the same. What the
 * schema cannot say is left out here: whether the instructions' file is there, what is in it, and
 * how long everything is together.
 */
class AgentSchemaTest {

  /** Changes of a minimal manifest, FIELD=VALUE, in JSON with single quotes. */
  private static final String GOOD =
      """
      agent_id='a' | agent_id='0-_9' | homepage=null | homepage=' '
      homepage='https://example.com' | homepage='HTTP://Example.com:8080/a/b?c=d#e'
      homepage='https://1.2.3.4/' | homepage='https://[::1]:80/'
      homepage='https://[1:2:3:4:5:6:7:8]' | homepage='https://[1:2::7:8]/%20'
      homepage='http://a.b.' | license='' | license='MIT' | model='openai/gpt-4.1-mini'
      model='ollama/hf.co/x/y:latest' | model='' | model=null | temperature=0
      temperature=2 | temperature=2.0 | temperature=0.7 | temperature=1e-3
      temperature=null | max_steps=1 | max_steps=100 | max_steps=5.0 | max_steps=1e1
      max_steps=null | delegates=[] | delegates=null | delegates=['b','b']
      starters=['Hello'] | starters=null | tools=null | tools=[]
      tools=[{'mcp':{'url':'https://x.example/mcp'}}]
      tools=[{'mcp':{'url':null,'command':['npx','-y']}}]
      tools=[{'mcp':{'url':'http://localhost:1','command':null,'more':1},'more':2}]
      instructions_file=null | $schema='https://example.com/schemas/agent.json'
      $schema=5 | unknown={'a':[1]} | version='1.0.0-alpha.1+build.007' | version='0.0.0'
      version='1.0.0--' | version='1.0.0-0a.-' | version='999999999.0.0'
      version='1.0.0-999999999999999999'
      """;

  private static final String BAD =
      """
      agent_id=null | agent_id='' | agent_id=1 | agent_id='A' | agent_id='-a'
      agent_id='a\\n' | agent_id='é' | agent_id='guide' | agent_id='echo'
      agent_id='calculator' | agent_id='coordinator' | agent_id='search'
      agent_id='download' | version=null | version='1' | version='1.0' | version='v1.0.0'
      version=' 1.0.0' | version='1.0.0\\n' | version='01.0.0' | version='1.0.0-01'
      version='1.0.0-a..b' | version='1.0.0-é' | version='1.0.0+'
      version='1000000000.0.0' | version='1.0.0-1000000000000000000' | version=1
      name=null | name=' ' | name='\\u00a0\\u2003' | name=5 | name='a\\u0000'
      name='a\\ud800' | name='\\udc00\\ud800' | description='' | description=[]
      kind=null | kind='LLM' | kind='builtin' | instructions=null | instructions=''
      instructions='\\n' | instructions=['a'] | instructions_file='instructions.md'
      instructions_file='' | instructions_file=5 | model='gpt' | model='/x'
      model='a b/x' | model='a//x' | model='a/x y' | model='a/é' | model=5
      temperature=-0.1 | temperature=2.1 | temperature='1' | temperature=true
      temperature=1e300 | max_steps=0 | max_steps=101 | max_steps=1.5 | max_steps='5'
      max_steps=4294967297 | delegates='b' | delegates={} | delegates=['B']
      delegates=[null] | delegates=[''] | starters=[' '] | starters=[1] | starters='Hello'
      license=['MIT'] | license='a\\u0000' | homepage='javascript:alert(1)'
      homepage='ftp://example.com' | homepage='https:///x' | homepage='https://'
      homepage='//example.com' | homepage='https://exa mple.com'
      homepage='https://my_host/' | homepage='https://user:pass@example.com/'
      homepage='https://user@example.com/' | homepage='https://example.com:port/'
      homepage='https://example.com/%zz' | homepage='https://example.com/%'
      homepage='https://example.com/a b' | homepage='https://example.com/\\u00fc'
      homepage='https://example.com/#a#b' | homepage='https://1.2.3.400/'
      homepage='https://1.2.3/' | homepage='https://[1:2/' | homepage='https://[1::2::3]/'
      homepage='https://[12345::]/' | homepage='https://[1:2:3:4:5:6:7]/'
      homepage='https://-a.example/' | homepage='https://a-.example/'
      homepage='https://example.com\\n' | homepage=7 | tools={} | tools='x' | tools=[{}]
      tools=[null] | tools=['x'] | tools=[{'mcp':null}] | tools=[{'mcp':[]}]
      tools=[{'mcp':{}}] | tools=[{'mcp':{'url':null}}] | tools=[{'mcp':{'url':5}}]
      tools=[{'mcp':{'url':''}}] | tools=[{'mcp':{'url':'file:///etc'}}]
      tools=[{'mcp':{'url':'https://u:p@x.example/'}}]
      tools=[{'mcp':{'url':'https://x.example','command':['x']}}]
      tools=[{'mcp':{'command':[]}}] | tools=[{'mcp':{'command':'rm -rf'}}]
      tools=[{'mcp':{'command':['']}}] | tools=[{'mcp':{'command':['a',5]}}]
      tools=[{'mcp':{'command':['a\\u0000']}}]
      """;

  private static final JsonNode SCHEMA_JSON = resource();
  private static final Schema SCHEMA =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(SCHEMA_JSON);

  private static List<String> changes(String table) {
    return List.of(table.replace("\n", " | ").split(" [|] "));
  }

  private static JsonNode resource() {
    try (InputStream in = AgentSchemaTest.class.getResourceAsStream("/schemas/agent.json")) {
      return Json.MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ObjectNode minimal() {
    return AppJson.object(
        "{'agent_id':'a','version':'1.0.0','name':'N','description':'D','kind':'llm','instructions':'I'}");
  }

  static List<String> good() {
    return changes(GOOD);
  }

  @ParameterizedTest
  @MethodSource("good")
  void good_bothAccept(String change) {
    assertThat(parser(changed(change))).isEqualTo("accepted");
    assertThat(SCHEMA.validate(changed(change))).isEmpty();
  }

  static List<String> bad() {
    return changes(BAD);
  }

  @ParameterizedTest
  @MethodSource("bad")
  void bad_bothRefuse(String change) {
    assertThat(parser(changed(change))).isNotEqualTo("accepted");
    assertThat(SCHEMA.validate(changed(change))).isNotEmpty();
  }

  static Stream<Object[]> limits() {
    return Stream.of(
        new Object[] {"name", 200},
        new Object[] {"description", 1_000},
        new Object[] {"instructions", 100_000},
        new Object[] {"license", 100});
  }

  @ParameterizedTest
  @MethodSource("limits")
  void length_atAndOverTheLimit_bothCountCharactersAlike(String field, int limit) {
    for (String character : new String[] {"x", "é", "\uD83D\uDE00"}) {
      bothAgree(minimal().put(field, character.repeat(limit)), true);
      bothAgree(minimal().put(field, character.repeat(limit + 1)), false);
    }
  }

  @Test
  void lists_atAndOverTheirLimits_bothAgree() {
    for (var list : List.of(List.of("delegates", 50, "'b'"), List.of("starters", 10, "'S'"))) {
      listLimit((String) list.get(0), (int) list.get(1), (String) list.get(2));
    }
    listLimit("tools", 20, "{'mcp':{'url':'https://x.example'}}");
    ObjectNode words = minimal();
    ArrayNode command = words.putArray("tools").addObject().putObject("mcp").putArray("command");
    for (int i = 0; i < 100; i++) {
      command.add("w");
    }
    bothAgree(words, true);
    bothAgree(words.deepCopy(), true);
    command.add("w");
    bothAgree(words, false);
  }

  private static void listLimit(String field, int limit, String item) {
    ObjectNode json = minimal();
    ArrayNode list = json.putArray(field);
    for (int i = 0; i < limit; i++) {
      list.add(AppJson.read(item));
    }
    bothAgree(json, true);
    list.add(AppJson.read(item));
    bothAgree(json, false);
  }

  @Test
  void required_leftOut_bothRefuse() {
    for (String field : minimal().properties().stream().map(Map.Entry::getKey).toList()) {
      ObjectNode json = minimal();
      json.remove(field);
      bothAgree(json, false);
    }
    for (String no : List.of("[]", "5", "null", "'x'")) {
      assertThat(SCHEMA.validate(AppJson.read(no))).isNotEmpty();
    }
  }

  @Test
  void instructionsFile_insteadOfInstructions_bothAccept() {
    ObjectNode json = minimal().put("instructions_file", "docs/instructions.md");
    bothAgree(json, false);
    json.remove("instructions");
    bothAgree(json, true);
    bothAgree(json.putNull("instructions"), true);
    bothAgree(json.put("instructions_file", "x".repeat(201)), false);
  }

  @Test
  void bundledPackages_andExamples_areValid() throws IOException {
    List<JsonNode> manifests = new ArrayList<>();
    try (Stream<Path> folders = Files.list(Path.of("src/main/packages"))) {
      for (Path folder : folders.toList()) {
        manifests.add(Json.MAPPER.readTree(folder.resolve("agent.json").toFile()));
      }
    }
    assertThat(manifests).isNotEmpty();
    SCHEMA_JSON.path("examples").forEach(manifests::add);
    assertThat(manifests).allSatisfy(manifest -> bothAgree(manifest, true));
  }

  @Test
  void schema_patterns_areThoseOfTheServer() {
    JsonNode defs = SCHEMA_JSON.path("$defs");
    assertThat(defs.path("address").path("pattern").asText()).isEqualTo(WebAddress.PATTERN);
    assertThat(defs.path("text").path("allOf").path(0).path("pattern").asText())
        .isEqualTo(ManifestFields.VISIBLE);
  }

  @Test
  void schema_everyField_isDescribedAndIsTheManifests() {
    JsonNode properties = SCHEMA_JSON.path("properties");
    assertThat(properties.properties())
        .allSatisfy(p -> assertThat(p.getValue().path("description").asText()).isNotBlank());
    List<String> fields = new ArrayList<>(List.of("$schema", "instructions_file"));
    for (var component : AgentManifest.class.getRecordComponents()) {
      fields.add(component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT));
    }
    assertThat(properties.properties().stream().map(Map.Entry::getKey))
        .containsExactlyInAnyOrderElementsOf(fields);
    for (var property : properties.properties()) {
      for (JsonNode example : property.getValue().path("examples")) {
        ObjectNode json = minimal();
        if (property.getKey().equals("instructions_file")) {
          json.remove("instructions");
        }
        bothAgree(json.set(property.getKey(), example), true);
      }
    }
  }

  private static void bothAgree(JsonNode json, boolean accepted) {
    assertThat(parser(json).equals("accepted")).as(parser(json)).isEqualTo(accepted);
    assertThat(SCHEMA.validate(json).isEmpty()).isEqualTo(accepted);
  }

  private static String parser(JsonNode json) {
    try {
      AgentManifests.parse(json, file -> "Do.");
      return "accepted";
    } catch (ManifestException e) {
      return e.getMessage();
    }
  }

  private static ObjectNode changed(String change) {
    String[] parts = change.split("=", 2);
    return minimal().set(parts[0], AppJson.read(parts[1]));
  }

  /** JSON with single quotes. */
  private static final class AppJson {
    static JsonNode read(String text) {
      try {
        return Json.MAPPER.readTree(text.replace('\'', '"'));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    static ObjectNode object(String text) {
      return (ObjectNode) read(text);
    }
  }
}
