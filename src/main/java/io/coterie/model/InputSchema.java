package io.coterie.model;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes a JSON Schema (draft 2020-12 and the older ones in use) one that all providers take for a
 * tool's parameters, changing no more than that needs: OpenAI and Anthropic want an object at the
 * root, with {@code properties} and without {@code anyOf} and its like, OpenAI wants {@code items}
 * in each array, and Ollama reads the parts that it knows into fixed types.
 */
final class InputSchema {

  /** Some hundred ordinary parameters; far more than a model can make use of. */
  static final int MAX_CHARS = 100_000;

  static final int MAX_DEPTH = 60;

  private static final int MAX_HOPS = 8;
  private static final int MAX_BRANCHES = 50;

  /** Keywords whose value is a schema. */
  private static final List<String> SCHEMA =
      List.of("items", "additionalProperties", "not", "if", "then", "else", "contains");

  /** Keywords whose value is an array of schemas. */
  private static final List<String> SCHEMAS = List.of("anyOf", "oneOf", "allOf", "prefixItems");

  /** Keywords whose value is an object of schemas. */
  private static final List<String> NAMED =
      List.of("properties", "patternProperties", "$defs", "definitions", "dependentSchemas");

  private InputSchema() {}

  /** An acceptable form of {@code schema}, which is left as it is; any object where it has none. */
  static ObjectNode accepted(JsonNode schema) {
    if (schema == null
        || !schema.isObject()
        || isDeeper(schema, MAX_DEPTH)
        || schema.toString().length() > MAX_CHARS) {
      return anyObject();
    }
    ObjectNode root = withoutRootReference(schema.deepCopy());
    JsonNode type = root.get("type");
    if (type != null && !type.asText().equals("object") && !texts(type).contains("object")) {
      return anyObject();
    }
    root.put("type", "object");
    root.remove(List.of("$schema", "not", "enum"));
    mendProperties(root);
    keepTexts(root, "required");
    keepIf(root, "description", root.path("description").isTextual());
    for (String keyword : List.of("$defs", "definitions")) {
      keepIf(root, keyword, root.path(keyword).isObject());
    }
    JsonNode others = root.path("additionalProperties");
    keepIf(root, "additionalProperties", others.isBoolean() || others.isObject());
    for (String keyword : List.of("anyOf", "oneOf", "allOf")) {
      mergeBranches(root, keyword);
    }
    completeArrays(root);
    return root;
  }

  private static ObjectNode anyObject() {
    ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
    schema.putObject("properties");
    return schema;
  }

  private static boolean isDeeper(JsonNode node, int depth) {
    if (depth == 0) {
      return node.isContainerNode();
    }
    for (JsonNode child : node) {
      if (isDeeper(child, depth - 1)) {
        return true;
      }
    }
    return false;
  }

  /** Generators that name every type put a reference to the first of them at the root. */
  private static ObjectNode withoutRootReference(ObjectNode root) {
    if (!root.has("$ref")) {
      return root;
    }
    ObjectNode target = resolve(root, root);
    ObjectNode result = root.deepCopy();
    result.remove("$ref");
    target.properties().forEach(entry -> result.putIfAbsent(entry.getKey(), entry.getValue()));
    result.remove("$ref");
    return result.deepCopy();
  }

  /** What {@code schema} refers to within {@code root}, or itself; empty where there is no such. */
  private static ObjectNode resolve(ObjectNode root, JsonNode schema) {
    JsonNode target = schema;
    for (int hop = 0; hop < MAX_HOPS && target.path("$ref").isTextual(); hop++) {
      String reference = target.path("$ref").textValue();
      try {
        target =
            reference.startsWith("#/")
                ? root.at(JsonPointer.compile(reference.substring(1)))
                : JsonNodeFactory.instance.missingNode();
      } catch (IllegalArgumentException e) {
        target = JsonNodeFactory.instance.missingNode();
      }
    }
    return target instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
  }

  private static void mendProperties(ObjectNode root) {
    if (!(root.get("properties") instanceof ObjectNode properties)) {
      root.putObject("properties");
      return;
    }
    for (Map.Entry<String, JsonNode> entry : properties.properties()) {
      if (!entry.getValue().isObject()) {
        entry.setValue(JsonNodeFactory.instance.objectNode());
      }
    }
  }

  /** The parameters of all branches are offered; those that every branch needs are required. */
  private static void mergeBranches(ObjectNode root, String keyword) {
    if (!(root.remove(keyword) instanceof ArrayNode branches)) {
      return;
    }
    ObjectNode properties = (ObjectNode) root.get("properties");
    Set<String> needed = null;
    for (int i = 0; i < Math.min(branches.size(), MAX_BRANCHES); i++) {
      ObjectNode branch = resolve(root, branches.get(i));
      for (Map.Entry<String, JsonNode> entry : branch.path("properties").properties()) {
        if (entry.getValue().isObject() && !properties.has(entry.getKey())) {
          properties.set(entry.getKey(), entry.getValue().deepCopy());
        }
      }
      Set<String> names = texts(branch.path("required"));
      if (needed == null) {
        needed = names;
      } else if (keyword.equals("allOf")) {
        needed.addAll(names);
      } else {
        needed.retainAll(names);
      }
    }
    if (needed != null && !needed.isEmpty()) {
      Set<String> required = texts(root.path("required"));
      required.addAll(needed);
      ArrayNode array = root.putArray("required");
      required.forEach(array::add);
    }
  }

  private static Set<String> texts(JsonNode array) {
    Set<String> texts = new LinkedHashSet<>();
    for (JsonNode element : array) {
      if (element.isTextual()) {
        texts.add(element.textValue());
      }
    }
    return texts;
  }

  private static void keepTexts(ObjectNode root, String keyword) {
    if (root.get(keyword) instanceof ArrayNode given) {
      ArrayNode kept = root.putArray(keyword);
      texts(given).forEach(kept::add);
    } else {
      root.remove(keyword);
    }
  }

  private static void keepIf(ObjectNode root, String keyword, boolean keep) {
    if (!keep) {
      root.remove(keyword);
    }
  }

  /** Gives arrays that say nothing of their elements the {@code items} that say as much. */
  private static void completeArrays(JsonNode node) {
    if (!(node instanceof ObjectNode schema)) {
      return;
    }
    JsonNode type = schema.path("type");
    if ((type.asText().equals("array") || texts(type).contains("array"))
        && !schema.has("items")
        && !schema.has("prefixItems")) {
      schema.putObject("items");
    }
    SCHEMA.forEach(keyword -> completeArrays(schema.path(keyword)));
    SCHEMAS.forEach(keyword -> schema.path(keyword).forEach(InputSchema::completeArrays));
    NAMED.forEach(keyword -> schema.path(keyword).forEach(InputSchema::completeArrays));
  }
}
