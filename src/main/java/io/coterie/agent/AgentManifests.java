package io.coterie.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.coterie.http.ApiException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Reads an agent's manifest as people write it ({@code agent.json}, or the body that defines an
 * agent), and writes and reads the form in which it is stored. What it returns has passed every
 * check. Stateless and thread-safe.
 */
public final class AgentManifests {

  /** The agents that are part of the server; no manifest may take one of these ids. */
  public static final Set<String> BUILT_IN = Set.of("guide", "echo", "calculator", "coordinator");

  /** What has a meaning of its own after {@code /agent/}. */
  private static final Set<String> RESERVED = Set.of("download", "search");

  /** As JSON in the database, in UTF-16 units. */
  private static final int MAX_STORED = 1_000_000;

  private static final int MAX_INSTRUCTIONS = 100_000;
  private static final int MAX_ADDRESS = 2_000;
  private static final int MAX_TOOLS = 20;
  private static final int MAX_WORDS = 100;
  private static final int MAX_WORD = 4_000;
  private static final Pattern AGENT_ID = Pattern.compile("[a-z0-9][a-z0-9_-]{0,63}");
  private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9]+/[!-.0-~][!-~]*");
  private static final String NUMBER = "(?:0|[1-9][0-9]{0,8})";
  private static final String IDENTIFIER = "(?:0|[1-9][0-9]{0,17}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)";

  /** SemVer 2.0, with numbers that fit where versions are compared. */
  private static final Pattern VERSION =
      Pattern.compile(
          (NUMBER + "\\." + NUMBER + "\\." + NUMBER)
              + ("(?:-" + IDENTIFIER + "(?:\\." + IDENTIFIER + ")*)?")
              + "(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?");

  private static final JsonMapper STORED =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private AgentManifests() {}

  /** Whether {@code text} could be an agent's id, which is also the name of its package. */
  public static boolean isAgentId(String text) {
    return text != null && AGENT_ID.matcher(text).matches();
  }

  /** Whether {@code text} is a SemVer 2.0 version of at most 100 characters. */
  public static boolean isVersion(String text) {
    return text != null && text.length() <= 100 && VERSION.matcher(text).matches();
  }

  /**
   * Reads a manifest. Fields it does not know are ignored.
   *
   * @param files the text of a file beside the manifest, by its name; null where there is none
   * @throws ManifestException on the first field that is not as it should be
   */
  public static AgentManifest parse(JsonNode json, Function<String, String> files)
      throws ManifestException {
    if (json == null || !json.isObject()) {
      throw new ManifestException("the manifest must be a JSON object");
    }
    ManifestFields fields = new ManifestFields(json);
    return storable(
        new AgentManifest(
            agentId(json.get("agent_id")),
            version(json.get("version")),
            fields.required("name", 200),
            fields.required("description", 1_000),
            kind(json.get("kind")),
            instructions(fields, files),
            model(fields),
            fields.number("temperature", 0, 2),
            delegates(fields),
            tools(fields),
            fields.whole("max_steps", 1, 100),
            fields.texts("starters", 10, 200),
            fields.optional("license", 100),
            fields.webAddress("homepage", MAX_ADDRESS)));
  }

  /**
   * Reads the manifest of an agent that somebody makes without a package: the instructions stand in
   * it, and neither {@code version} nor {@code kind} has to.
   *
   * @throws ManifestException on the first field that is not as it should be
   */
  public static AgentManifest parseOwn(ObjectNode json) throws ManifestException {
    ManifestFields fields = new ManifestFields(json);
    if (fields.has("instructions_file")) {
      throw new ManifestException(
          "instructions_file needs a package: the text belongs in instructions");
    }
    fields.required("instructions", MAX_INSTRUCTIONS);
    ObjectNode whole = json.deepCopy();
    if (!fields.has("version")) {
      whole.put("version", "1.0.0");
    }
    if (!fields.has("kind")) {
      whole.put("kind", "llm");
    }
    return parse(whole, file -> null);
  }

  /** Whether the agent starts programs on this host, which only an admin may allow. */
  public static boolean runsCommands(AgentManifest manifest) {
    return manifest.tools().stream().anyMatch(tool -> tool.path("mcp").has("command"));
  }

  /**
   * Lets only admins have an agent that {@link #runsCommands}.
   *
   * @throws ApiException 403
   */
  public static void requireMayRun(AgentManifest manifest, boolean admin) {
    if (runsCommands(manifest) && !admin) {
      throw ApiException.forbidden("Only an admin may install a package that runs commands");
    }
  }

  /** The form to store: snake_case, the instructions inline, no field that is null. */
  public static ObjectNode toJson(AgentManifest manifest) {
    return STORED.valueToTree(manifest);
  }

  /**
   * Reads what {@link #toJson} made. It is not checked again.
   *
   * @throws IllegalArgumentException if it is not that
   */
  public static AgentManifest fromJson(String stored) {
    try {
      AgentManifest read = STORED.readValue(stored, AgentManifest.class);
      if (read == null || read.delegates() == null || read.tools() == null) {
        throw new IllegalArgumentException("not a stored manifest");
      }
      return read;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a stored manifest", e);
    }
  }

  private static AgentManifest storable(AgentManifest manifest) throws ManifestException {
    if (toJson(manifest).toString().length() > MAX_STORED) {
      throw new ManifestException(
          "the manifest must be at most " + MAX_STORED + " characters long in all");
    }
    return manifest;
  }

  private static String agentId(JsonNode node) throws ManifestException {
    if (node == null || !node.isTextual() || !isAgentId(node.textValue())) {
      throw new ManifestException(
          "agent_id must be 1 to 64 of the characters a-z, 0-9, _ and -, and begin with a letter or"
              + " digit");
    }
    String id = node.textValue();
    if (BUILT_IN.contains(id)) {
      throw new ManifestException("agent_id " + id + " is built in");
    }
    if (RESERVED.contains(id)) {
      throw new ManifestException("agent_id " + id + " is reserved");
    }
    return id;
  }

  private static String version(JsonNode node) throws ManifestException {
    if (node == null || !node.isTextual() || !isVersion(node.textValue())) {
      throw new ManifestException("version must be a SemVer 2.0 version");
    }
    return node.textValue();
  }

  private static String kind(JsonNode node) throws ManifestException {
    if (node == null || !node.isTextual() || !node.textValue().equals("llm")) {
      throw new ManifestException("kind must be \"llm\"");
    }
    return "llm";
  }

  private static String instructions(ManifestFields fields, Function<String, String> files)
      throws ManifestException {
    if (fields.has("instructions") == fields.has("instructions_file")) {
      throw new ManifestException("either instructions or instructions_file must be given");
    }
    if (fields.has("instructions")) {
      return fields.required("instructions", MAX_INSTRUCTIONS);
    }
    String text = files.apply(fields.required("instructions_file", 200));
    if (text == null) {
      throw new ManifestException("instructions_file must be a file of the package");
    }
    return ManifestFields.text("the content of instructions_file", text, MAX_INSTRUCTIONS);
  }

  private static String model(ManifestFields fields) throws ManifestException {
    String model = fields.optional("model", 200);
    if (model != null && !MODEL.matcher(model).matches()) {
      throw new ManifestException("model must be PROVIDER/MODEL");
    }
    return model;
  }

  private static List<String> delegates(ManifestFields fields) throws ManifestException {
    List<String> ids = fields.texts("delegates", 50, 64);
    if (!ids.stream().allMatch(AgentManifests::isAgentId)) {
      throw new ManifestException("each of delegates must be an agent_id");
    }
    return ids.stream().distinct().toList();
  }

  private static List<JsonNode> tools(ManifestFields fields) throws ManifestException {
    List<JsonNode> tools = new ArrayList<>();
    for (JsonNode item : fields.items("tools", MAX_TOOLS)) {
      tools.add(tool(item));
    }
    return List.copyOf(tools);
  }

  /** Rebuilt from what was checked, so that nothing else is ever stored. */
  private static ObjectNode tool(JsonNode item) throws ManifestException {
    JsonNode mcp = item.path("mcp");
    ManifestFields fields = new ManifestFields(mcp);
    if (!mcp.isObject() || fields.has("url") == fields.has("command")) {
      throw new ManifestException(
          "each of tools must be {\"mcp\":{\"url\":…}} or {\"mcp\":{\"command\":[…]}}");
    }
    ObjectNode tool = JsonNodeFactory.instance.objectNode();
    if (fields.has("url")) {
      String url = ManifestFields.text("tools url", fields.node("url"), MAX_ADDRESS);
      tool.putObject("mcp").put("url", ManifestFields.webAddress("tools url", url));
      return tool;
    }
    List<String> words = fields.texts("command", MAX_WORDS, MAX_WORD);
    if (words.isEmpty()) {
      throw new ManifestException("tools command must be a list of texts, the program first");
    }
    ArrayNode command = tool.putObject("mcp").putArray("command");
    words.forEach(command::add);
    return tool;
  }
}
