package io.coterie.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Tools whose parameters are described by a JSON Schema of somebody else's, as MCP servers give
 * them. Every model gets the schema as it is; LangChain4j alone would pass on no more of it than
 * its own classes hold, and less to Anthropic's and Ollama's models. Thread-safe.
 */
public final class ToolSpecs {

  /** Where a specification keeps its whole schema, as text. */
  private static final String WHOLE = "io.coterie.input-schema";

  /** The property that stands for the whole schema on its way through LangChain4j. */
  private static final String STAND_IN = "io.coterie.input-schema.text";

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .nodeFactory(JsonNodeFactory.withExactBigDecimals(true))
          .build();

  private ToolSpecs() {}

  /** What a specification takes up in a request, about; in UTF-16 units. */
  public static long units(ToolSpecification specification) {
    Object whole = specification.metadata().get(WHOLE);
    return whole == null
        ? specification.toJson().length()
        : specification.name().length()
            + Objects.toString(specification.description(), "").length()
            + (long) whole.toString().length();
  }

  /**
   * Describes a tool to the model. Never throws: a schema that no provider would take, such as one
   * that is no object, too large or too deep, gives way to one that allows any object; one with
   * single faults is mended.
   *
   * @param name what the model calls it by
   * @param description null for none
   * @param inputSchema JSON Schema of the arguments; null for any
   */
  public static ToolSpecification of(String name, String description, JsonNode inputSchema) {
    ObjectNode schema = InputSchema.accepted(inputSchema);
    return ToolSpecification.builder()
        .name(name)
        .description(description)
        .parameters(parameters(schema))
        .addMetadata(WHOLE, schema.toString())
        .build();
  }

  /** As much of {@code schema} as LangChain4j can hold, for whoever looks at the specification. */
  private static JsonObjectSchema parameters(ObjectNode schema) {
    JsonObjectSchema.Builder builder =
        JsonObjectSchema.builder().addProperties(elements(schema.path("properties")));
    if (schema.path("description").isTextual()) {
      builder.description(schema.path("description").textValue());
    }
    if (schema.path("additionalProperties").isBoolean()) {
      builder.additionalProperties(schema.path("additionalProperties").booleanValue());
    }
    if (schema.path("$defs").isObject()) {
      builder.definitions(elements(schema.path("$defs")));
    }
    List<String> required = new ArrayList<>();
    schema.path("required").forEach(name -> required.add(name.textValue()));
    return builder.required(required).build();
  }

  private static Map<String, JsonSchemaElement> elements(JsonNode schemas) {
    Map<String, JsonSchemaElement> elements = new LinkedHashMap<>();
    schemas
        .properties()
        .forEach(
            entry -> elements.put(entry.getKey(), JsonRawSchema.from(entry.getValue().toString())));
    return elements;
  }

  /** A specification that comes out of LangChain4j with its schema as text; see {@link #unwrap}. */
  static ToolSpecification wrap(ToolSpecification tool) {
    if (!(tool.metadata().get(WHOLE) instanceof String schema)) {
      return tool;
    }
    JsonObjectSchema standIn =
        JsonObjectSchema.builder()
            .addProperty(STAND_IN, JsonStringSchema.builder().description(schema).build())
            .build();
    return tool.toBuilder().parameters(standIn).build();
  }

  /** A request's body with the schemas in the place of what {@link #wrap} made of them. */
  static String unwrap(String body) {
    if (!body.contains(STAND_IN)) {
      return body;
    }
    try {
      JsonNode json = JSON.readTree(body);
      for (JsonNode tool : json.path("tools")) {
        unwrap(tool, "input_schema");
        unwrap(tool.path("function"), "parameters");
      }
      return JSON.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A request that was just written cannot be read", e);
    }
  }

  private static void unwrap(JsonNode tool, String field) {
    JsonNode standIn = tool.path(field).path("properties").path(STAND_IN).path("description");
    if (standIn.isTextual()) {
      ((ObjectNode) tool).putRawValue(field, new RawValue(standIn.textValue()));
    }
  }
}
