package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.coterie.http.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Holds answers against the OpenAPI document. Stricter than clients should be: an answer has no
 * property that is not described, and a refusal has one of the described texts. Thread-safe.
 */
final class ApiContract {

  /** What was answered. {@code type} is the Content-Type, or null. */
  record Answered(String method, String target, int status, String type, String body) {
    static Answered of(HttpResponse<String> response) {
      HttpRequest request = response.request();
      String query = request.uri().getRawQuery();
      return new Answered(
          request.method(),
          request.uri().getRawPath() + (query == null ? "" : "?" + query),
          response.statusCode(),
          response.headers().firstValue("Content-Type").orElse(null),
          response.body());
    }
  }

  private static final String REF = "#/components/schemas/";

  /** What any route may answer, by the description at the top of the document. */
  private static final Set<Integer> ANYWHERE = Set.of(405, 408, 413, 414, 431);

  /** Where the text of an error is of a fixed set; that of a 400 may name a field instead. */
  private static final Set<Integer> WORDED = Set.of(400, 401, 403, 404, 426);

  private final JsonNode document;
  private final SchemaRegistry registry =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private final Map<String, Schema> schemas = new ConcurrentHashMap<>();

  ApiContract(JsonNode document) {
    this.document = document;
  }

  /** The contract of that server. */
  static ApiContract of(AppFixture app) {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(app.url() + "/openapi.json")).build();
      return new ApiContract(json(app.http().send(request, BodyHandlers.ofString()).body()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Fails where an answer is not as described. */
  static Consumer<Answered> listener(AppFixture app) {
    AtomicReference<ApiContract> contract = new AtomicReference<>();
    return answer -> {
      contract.compareAndSet(null, contract.get() == null ? of(app) : null);
      String problem = contract.get().problem(answer);
      if (problem != null) {
        throw new AssertionError(problem);
      }
    };
  }

  /** The path of the document that a request's target is of. */
  Optional<String> path(String target) {
    String[] parts = target.replaceFirst("\\?.*", "").split("/", -1);
    return document
        .path("paths")
        .propertyStream()
        .map(Map.Entry::getKey)
        .filter(path -> matches(path.split("/", -1), parts))
        .min(Comparator.comparing(path -> path.chars().filter(c -> c == '{').count()));
  }

  /** What is wrong with an answer, by the document; null where nothing is. */
  String problem(Answered answer) {
    String told = answer.method() + " " + answer.target() + " " + answer.status() + ": ";
    String path = path(answer.target()).orElse(null);
    if (path == null) {
      return answer.status() == 404 || answer.method().equals("OPTIONS")
          ? null
          : told + "the path is not described";
    }
    String method = answer.method().equals("HEAD") ? "GET" : answer.method();
    JsonNode operation = document.path("paths").path(path).path(lower(method));
    if (operation.isMissingNode() || ANYWHERE.contains(answer.status())) {
      return ANYWHERE.contains(answer.status()) || answer.method().equals("OPTIONS")
          ? null
          : told + "the method is not described";
    }
    JsonNode response = response(operation, answer.status());
    if (response == null) {
      return told + "the status is not described, " + answer.body();
    }
    if (answer.method().equals("HEAD") || !response.has("content") || answer.body().isEmpty()) {
      return null;
    }
    String type = String.valueOf(answer.type()).replaceFirst(";.*", "");
    JsonNode media = response.path("content").get(type);
    if (media == null) {
      boolean text = type.equals("text/plain") && response.path("content").size() == 1;
      return text ? null : told + "the type " + type + " is not described";
    }
    return type.endsWith("json") ? problem(told, answer, media) : null;
  }

  private String problem(String told, Answered answer, JsonNode media) {
    JsonNode body = json(answer.body());
    List<String> errors = invalid(media.path("schema"), body);
    if (!errors.isEmpty()) {
      return told + errors + " in " + answer.body();
    }
    boolean worded =
        WORDED.contains(answer.status())
            && media.path("schema").path("$ref").asText().endsWith("/Error");
    String msg = body.path("msg").asText();
    boolean known =
        examples(media).anyMatch(example -> example.equals(body))
            || (answer.status() == 400 && msg.matches("[\\w.\\[\\]$]+ must .*"));
    return worded && !known ? told + "the text is not described, " + msg : null;
  }

  /** What is wrong with a value, by a schema of the document. */
  List<String> invalid(JsonNode schema, JsonNode value) {
    return schemas
        .computeIfAbsent(schema.toString(), text -> registry.getSchema(whole(schema)))
        .validate(value)
        .stream()
        .map(Error::toString)
        .toList();
  }

  /** The examples of a media type, in either form. */
  static Stream<JsonNode> examples(JsonNode media) {
    return Stream.concat(
        Optional.ofNullable(media.get("example")).stream(),
        StreamSupport.stream(media.path("examples").spliterator(), false)
            .map(example -> example.path("value")));
  }

  /** What stands for a status: itself, or all of its hundred. */
  JsonNode response(JsonNode operation, int status) {
    JsonNode responses = operation.path("responses");
    JsonNode own = responses.get(Integer.toString(status));
    JsonNode found = own == null ? responses.get(status / 100 + "XX") : own;
    return found == null || !found.has("$ref") ? found : resolve(found.path("$ref").asText());
  }

  /** What a reference within the document leads to. */
  JsonNode resolve(String ref) {
    return document.at(ref.substring(1));
  }

  private ObjectNode whole(JsonNode schema) {
    ObjectNode whole = Json.MAPPER.createObjectNode();
    whole.setAll((ObjectNode) strict(schema));
    whole.set("$defs", strict(document.path("components").path("schemas")));
    return whole;
  }

  /** The same where nothing may be but what is described. */
  private static JsonNode strict(JsonNode schema) {
    JsonNode copy = json(schema.toString().replace(REF, "#/$defs/"));
    for (JsonNode node : copy.findParents("properties")) {
      if (node.path("properties").isObject() && !node.has("additionalProperties")) {
        close(node);
      }
    }
    return copy;
  }

  /** findParents does not look into what it found. */
  private static void close(JsonNode node) {
    ((ObjectNode) node).put("additionalProperties", false);
    for (JsonNode inner : node.path("properties")) {
      for (JsonNode found : inner.findParents("properties")) {
        if (found.path("properties").isObject() && !found.has("additionalProperties")) {
          close(found);
        }
      }
    }
  }

  private static boolean matches(String[] path, String[] parts) {
    if (path.length != parts.length) {
      return false;
    }
    for (int i = 0; i < path.length; i++) {
      if (!path[i].startsWith("{") && !path[i].equals(parts[i])) {
        return false;
      }
    }
    return Arrays.stream(parts).skip(1).noneMatch(String::isEmpty);
  }

  private static JsonNode json(String text) {
    try {
      return Json.MAPPER.readTree(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String lower(String method) {
    return method.toLowerCase(Locale.ROOT);
  }
}
