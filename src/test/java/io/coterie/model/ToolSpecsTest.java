package io.coterie.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ToolSpecsTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ANY = "{\"type\":\"object\",\"properties\":{}}";

  /** Something of everything that MCP servers describe their tools with. */
  private static final String RICH =
      """
      {"type":"object","title":"Search","description":"What to look for",
       "properties":{
        "query":{"type":"string","description":"The “words”\\nto find","minLength":1,"pattern":"^\\\\S+$"},
        "mode":{"type":"string","enum":["fast","deep",null],"default":"fast"},
        "limit":{"type":["integer","null"],"minimum":1,"exclusiveMaximum":1.0E+2},
        "weights":{"type":"array","items":{"type":"number","multipleOf":0.1000},"minItems":0},
        "filter":{"anyOf":[{"$ref":"#/$defs/Filter"},{"type":"null"}]},
        "where":{"oneOf":[{"const":1},{"allOf":[{"$ref":"#/$defs/Filter"}]}]},
        "options":{"type":"object","properties":{"deep":{"type":"object","properties":{"er":{"type":"boolean"}},
         "required":["er"],"additionalProperties":false}},"additionalProperties":{"type":"string"}},
        "type":{"type":"string"},"required":{"type":"boolean"},"$ref":{"type":"string"},
        "huge":{"const":12345678901234567890123}},
       "required":["query","$ref"],
       "additionalProperties":false,
       "$defs":{"Filter":{"type":"object","properties":{"field":{"type":"string"},
        "and":{"type":"array","items":{"$ref":"#/$defs/Filter"}}},"required":["field"]}}}
      """;

  /** The tool as it is sent in {@code format}: what its name, description and schema stand in. */
  private static JsonNode sent(WireFormat format, ToolSpecification tool) {
    try (ModelFixture f = new ModelFixture(format)) {
      f.server.thenReply(format, "Hi");
      ReplyRecorder reply = new ReplyRecorder();
      ChatRequest request =
          ChatRequest.builder()
              .messages(UserMessage.from("1.10 and 1e5"))
              .toolSpecifications(tool)
              .build();
      f.models.open(null, null, null, f.cancellation).chat(request, reply);
      reply.awaitResponse();
      JsonNode tools = f.server.requests().get(0).body().path("tools");
      assertThat(tools).hasSize(1);
      return format == WireFormat.ANTHROPIC ? tools.get(0) : tools.get(0).path("function");
    }
  }

  private static JsonNode sentSchema(WireFormat format, ToolSpecification tool) {
    return sent(format, tool).path(format == WireFormat.ANTHROPIC ? "input_schema" : "parameters");
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return JSON.readTree(text);
  }

  /** What a schema becomes, the same for all formats. */
  private static JsonNode accepted(String schema) throws JsonProcessingException {
    JsonNode given = schema == null ? null : json(schema);
    JsonNode before = given == null ? null : given.deepCopy();
    JsonNode openAi = sentSchema(WireFormat.OPENAI, ToolSpecs.of("t", null, given));
    assertThat(sentSchema(WireFormat.ANTHROPIC, ToolSpecs.of("t", null, given))).isEqualTo(openAi);
    assertThat(sentSchema(WireFormat.OLLAMA, ToolSpecs.of("t", null, given))).isEqualTo(openAi);
    assertThat(given).as("the schema given").isEqualTo(before);
    return openAi;
  }

  @ParameterizedTest
  @EnumSource
  void of_richSchema_isSentAsItIs(WireFormat format) throws Exception {
    JsonNode tool = sent(format, ToolSpecs.of("search", "Finds \"things\"", json(RICH)));

    assertThat(tool.path("name").asText()).isEqualTo("search");
    assertThat(tool.path("description").asText()).isEqualTo("Finds \"things\"");
    JsonNode schema = tool.path(format == WireFormat.ANTHROPIC ? "input_schema" : "parameters");
    // As text, so that the order of the fields counts.
    assertThat(schema.toString()).isEqualTo(json(RICH).toString());
  }

  @Test
  void unwrap_restOfTheBody_keepsItsNumbers() {
    String number = "0.10000000000000000001234";
    ToolSpecification wrapped = ToolSpecs.wrap(ToolSpecs.of("t", null, null));
    String name = wrapped.parameters().properties().keySet().iterator().next();
    String text = wrapped.parameters().properties().get(name).description();
    String body =
        "{\"x\":%s,\"tools\":[{\"input_schema\":{\"properties\":{%s:{\"description\":%s}}}}]}"
            .formatted(number, WireFormat.quote(name), WireFormat.quote(text));

    assertThat(ToolSpecs.unwrap(body))
        .isEqualTo("{\"x\":%s,\"tools\":[{\"input_schema\":%s}]}".formatted(number, ANY));
    assertThat(ToolSpecs.unwrap("no JSON")).isEqualTo("no JSON");
  }

  @Test
  void of_richSchema_showsItsParametersToTheServerToo() throws Exception {
    ToolSpecification tool = ToolSpecs.of("search", null, json(RICH));

    assertThat(tool.description()).isNull();
    assertThat(tool.parameters().properties()).containsKeys("query", "filter", "options");
    assertThat(tool.parameters().required()).containsExactly("query", "$ref");
    assertThat(tool.parameters().definitions()).containsOnlyKeys("Filter");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "false",
        "[]",
        "\"object\"",
        "7",
        "{}",
        "{\"type\":\"string\"}",
        "{\"type\":[\"array\",\"null\"]}",
        "{\"type\":7}",
        "{\"type\":\"object\"}",
        "{\"properties\":[]}",
        "{\"$ref\":\"#/nowhere\"}",
        "{\"$ref\":\"https://example.com/x\"}",
        "{\"$ref\":\"#\"}",
        "{\"$ref\":7}",
        "{\"$ref\":\"#/$ref\"}",
        "{\"anyOf\":7}",
        "{\"anyOf\":[7,null,{\"properties\":7}]}",
        "{\"description\":[]}",
        "{\"$defs\":7}",
        "{\"required\":\"a\"}",
        "{\"additionalProperties\":\"no\"}"
      })
  void of_oddSchema_allowsAnyObject(String schema) throws Exception {
    assertThat(accepted(schema)).isEqualTo(json(ANY));
  }

  @Test
  void of_noSchema_allowsAnyObject() throws Exception {
    assertThat(accepted(null)).isEqualTo(json(ANY));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // The type may be missing, or one of several.
        "{'properties':{'a':{}}} | {'properties':{'a':{}},'type':'object'}",
        "{'type':['null','object'],'properties':{'a':{}}} | {'type':'object','properties':{'a':{}}}",
        // Parts of the wrong kind.
        "{'type':'object','properties':{'a':true,'b':null,'c':{'type':'string'}}}"
            + " | {'type':'object','properties':{'a':{},'b':{},'c':{'type':'string'}}}",
        "{'type':'object','properties':{},'required':['a',7,null,'a']}"
            + " | {'type':'object','properties':{},'required':['a']}",
        "{'$schema':'http://json-schema.org/draft-07/schema#','type':'object','properties':{}}"
            + " | {'type':'object','properties':{}}",
        // Arrays of anything, not to be mixed up with parameters of such names.
        "{'type':'object','properties':{'a':{'type':'array'},'type':{'type':['array','null']}}}"
            + " | {'type':'object','properties':{'a':{'type':'array','items':{}},"
            + "'type':{'type':['array','null'],'items':{}}}}",
        "{'type':'object','properties':{'a':{'anyOf':[{'type':'array'}],'default':{'type':'array'}}}}"
            + " | {'type':'object','properties':{'a':{'anyOf':[{'type':'array','items':{}}],"
            + "'default':{'type':'array'}}}}",
        // What may stand anywhere but at the root.
        "{'type':'object','anyOf':[{'properties':{'a':{'type':'string'}},'required':['a','b']},"
            + "{'properties':{'b':{'type':'number'}},'required':['b']}]}"
            + " | {'type':'object','properties':{'a':{'type':'string'},'b':{'type':'number'}},"
            + "'required':['b']}",
        "{'type':'object','allOf':[{'$ref':'#/$defs/A'},{'required':['b']}],"
            + "'$defs':{'A':{'properties':{'a':{}},'required':['a']}}}"
            + " | {'type':'object','$defs':{'A':{'properties':{'a':{}},'required':['a']}},"
            + "'properties':{'a':{}},'required':['a','b']}",
        "{'$ref':'#/definitions/A','definitions':{'A':{'type':'object','properties':"
            + "{'next':{'$ref':'#/definitions/A'}}}}}"
            + " | {'definitions':{'A':{'type':'object','properties':{'next':"
            + "{'$ref':'#/definitions/A'}}}},'type':'object',"
            + "'properties':{'next':{'$ref':'#/definitions/A'}}}",
      })
  void of_schemaWithFaults_isMendedNoMoreThanNeeded(String schema, String mended) throws Exception {
    assertThat(accepted(schema.replace('\'', '"'))).isEqualTo(json(mended.replace('\'', '"')));
  }

  @Test
  void of_hugeOrBottomlessSchema_allowsAnyObject() throws Exception {
    ObjectNode huge = JsonNodeFactory.instance.objectNode().put("type", "object");
    huge.putObject("properties").putObject("a").put("description", "x".repeat(200_000));
    ObjectNode deep = JsonNodeFactory.instance.objectNode();
    for (int i = 0; i < 100_000; i++) {
      ObjectNode outer = JsonNodeFactory.instance.objectNode().put("type", "object");
      outer.putObject("properties").set("a", deep);
      deep = outer;
    }

    for (ObjectNode schema : new ObjectNode[] {huge, deep}) {
      assertThat(sentSchema(WireFormat.OPENAI, ToolSpecs.of("t", null, schema)))
          .isEqualTo(json(ANY));
    }
  }

  @Test
  void of_schemaOfEndlessBranches_isReadInNoTime() {
    ObjectNode schema = JsonNodeFactory.instance.objectNode();
    ObjectNode many = schema.putObject("$defs").putObject("A");
    for (int i = 0; i < 2000; i++) {
      many.withObject("/properties").putObject("property" + i);
      many.withArray("required").add("property" + i);
    }
    for (int i = 0; i < 1000; i++) {
      schema.withArray("anyOf").addObject().put("$ref", "#/$defs/A");
    }

    ToolSpecification tool = ToolSpecs.of("t", null, schema);

    assertThat(tool.parameters().properties()).hasSize(2000);
    assertThat(tool.parameters().required()).hasSize(2000);
  }

  @ParameterizedTest
  @EnumSource
  void specification_ofLangChain4jsOwn_isSentAsItIs(WireFormat format) {
    JsonNode tool =
        sent(format, ToolSpecification.builder().name("now").description("The time").build());

    assertThat(tool.path("name").asText()).isEqualTo("now");
    assertThat(tool.path("description").asText()).isEqualTo("The time");
    JsonNode schema = tool.path(format == WireFormat.ANTHROPIC ? "input_schema" : "parameters");
    if (format != WireFormat.OLLAMA) {
      assertThat(schema.path("type").asText()).isEqualTo("object");
      assertThat(schema.path("properties").isObject()).isTrue();
    }
  }
}
