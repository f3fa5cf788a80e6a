package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.coterie.http.Json;
import io.coterie.openapi.ApiDocuments;
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
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Holds answers against the OpenAPI document. Stricter than clients should be: an answer has no
 * property that is not described, and a refusal has one of the described texts. Thread-safe.
 */
final class ApiContract {

  /** What was answered. {@code header} gives a header's value, or null. */
  record Answered(
      String method, String target, int status, UnaryOperator<String> header, String body) {
    static Answered of(HttpResponse<String> response) {
      HttpRequest request = response.request();
      String query = request.uri().getRawQuery();
      return new Answered(
          request.method(),
          request.uri().getRawPath() + (query == null ? "" : "?" + query),
          response.statusCode(),
          name -> response.headers().firstValue(name).orElse(null),
          response.body());
    }

    /** The Content-Type without its parameters. */
    String type() {
      return String.valueOf(header.apply("Content-Type")).replaceFirst(";.*", "");
    }
  }

  /** Put together when it is first needed. */
  private static final class Whole {
    static final ApiContract CONTRACT = new ApiContract(ApiDocuments.document());
  }

  private static final String REF = "#/components/schemas/";

  /** What any route may answer, by the description at the top of the document. */
  private static final Set<Integer> ANYWHERE = Set.of(405, 408, 413, 414, 431);

  /** Where the text of an error is of a fixed set; that of a 400 may name a field instead. */
  private static final Set<Integer> WORDED = Set.of(400, 401, 403, 404, 426, 429, 503, 507);

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
  static void check(Answered answer) {
    String problem = Whole.CONTRACT.problem(answer);
    if (problem != null) {
      throw new AssertionError(problem);
    }
  }

  /** The path of the document that a request's target is of. */
  Optional<String> path(String target) {
    String[] parts = target.replaceFirst("/?(\\?.*)?$", "").split("/", -1);
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
    if (answer.header().apply("X-Request-Id") == null) {
      return told + "no X-Request-Id";
    }
    String path = path(answer.target()).orElse(null);
    if (path == null) {
      boolean refused = answer.status() == 404 || answer.status() == 400;
      return refused || answer.method().equals("OPTIONS")
          ? null
          : told + "the path is not described";
    }
    if (ANYWHERE.contains(answer.status()) || answer.method().equals("OPTIONS")) {
      return null;
    }
    String method = answer.method().equals("HEAD") ? "GET" : answer.method();
    JsonNode operation = document.path("paths").path(path).path(lower(method));
    if (operation.isMissingNode()) {
      return told + "the method is not described";
    }
    JsonNode response = response(operation, answer.status());
    if (response == null) {
      return told + "the status is not described, " + answer.body();
    }
    for (var header : response.path("headers").properties()) {
      boolean required = resolved(header.getValue()).path("required").asBoolean();
      if (required && answer.header().apply(header.getKey()) == null) {
        return told + "no " + header.getKey();
      }
    }
    if (answer.method().equals("HEAD") || !response.has("content") || answer.body().isEmpty()) {
      return null;
    }
    JsonNode media = response.path("content").get(answer.type());
    if (media == null) {
      return told + "the type " + answer.type() + " is not described";
    }
    return switch (answer.type()) {
      case "application/json", "application/schema+json" -> problem(told, answer, media);
      case "text/plain" -> textProblem(told, answer, media);
      case "text/event-stream" -> new ApiStreams(this).problem(told, answer.body(), media);
      default -> null;
    };
  }

  private String problem(String told, Answered answer, JsonNode media) {
    JsonNode body = json(answer.body());
    List<String> errors = invalid(media.path("schema"), body);
    if (!errors.isEmpty()) {
      return told + errors + " in " + answer.body();
    }
    boolean known =
        switch (media.path("schema").path("$ref").asText().replace(REF, "")) {
          case "Error" -> isKnown(answer.status(), body.path("msg").asText(), body, media);
          case "OpenAiError" ->
              examples(media)
                  .anyMatch(one -> kind(one.path("error")).equals(kind(body.path("error"))));
          default -> true;
        };
    return known ? null : told + "the text is not described, " + answer.body();
  }

  /** Where an answer is text, an error has the described text as well. */
  private static String textProblem(String told, Answered answer, JsonNode media) {
    JsonNode body = Json.MAPPER.valueToTree(answer.body());
    boolean error = answer.status() >= 400 && answer.target().startsWith("/chat/ask");
    boolean known = !error || isKnown(answer.status(), answer.body(), body, media);
    return known ? null : told + "the text is not described, " + answer.body();
  }

  private static boolean isKnown(int status, String msg, JsonNode body, JsonNode media) {
    return !WORDED.contains(status)
        || examples(media).anyMatch(example -> example.equals(body))
        || (status == 400 && msg.matches("[\\w.\\[\\]$]+ must .*"));
  }

  /** By what programs tell errors of OpenAI's form apart. */
  private static List<String> kind(JsonNode error) {
    String field = error.path("param").asText().replaceAll("\\d+", "0");
    return List.of(error.path("type").asText(), error.path("code").asText(), field);
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
    return found == null ? null : resolved(found);
  }

  private JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? resolve(node.path("$ref").asText()) : node;
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

  static JsonNode json(String text) {
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
