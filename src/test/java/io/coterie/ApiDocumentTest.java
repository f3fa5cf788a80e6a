package io.coterie;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.coterie.http.Access;
import io.coterie.http.Json;
import io.coterie.http.Keys;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The OpenAPI document is valid, whole, and says of the routes what is so. */
class ApiDocumentTest {

  private static final Set<String> METHODS = Set.of("get", "post", "put", "delete");

  /** Served beside the routes; see {@link Routes#mount}. */
  private static final Set<String> MOUNTED = Set.of("GET /socket.io", "POST /socket.io");

  /** OpenAPI has one path where two differ in nothing but a parameter's name. */
  private static final Map<String, String> OTHERWISE_NAMED =
      Map.of("PUT /registry/{name}/{version}", "PUT /registry/{name}/{file}");

  private static AppFixture app;
  private static JsonNode document;

  @BeforeAll
  static void start() {
    app = AppFixture.start();
    document = app.get(null, "/openapi.json").json();
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  /** Operations by method and path. */
  private static Map<String, JsonNode> operations() {
    Map<String, JsonNode> operations = new TreeMap<>();
    for (var path : document.path("paths").properties()) {
      for (var entry : path.getValue().properties()) {
        if (METHODS.contains(entry.getKey())) {
          operations.put(
              entry.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey(), entry.getValue());
        }
      }
    }
    return operations;
  }

  private static String key(Routes.Route route) {
    String key = (route.method().equals("WS") ? "GET" : route.method()) + " " + route.path();
    return OTHERWISE_NAMED.getOrDefault(key, key);
  }

  @Test
  void document_bySchemaOfOpenApi_isValid() throws IOException {
    try (InputStream in = ApiDocumentTest.class.getResourceAsStream("/openapi/schema-3.1.json")) {
      List<Error> errors =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
              .getSchema(Json.MAPPER.readTree(in))
              .validate(document);
      assertThat(errors).isEmpty();
    }
    assertThat(document.path("openapi").asText()).startsWith("3.1.");
  }

  /** The schema of OpenAPI documents leaves these alone. */
  @Test
  void schemas_byJsonSchema_areValid() {
    Schema dialect =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));
    List<JsonNode> schemas = new ArrayList<>();
    document.path("components").path("schemas").forEach(schemas::add);
    for (String name : List.of("schema", "x-item-schema")) {
      schemas.addAll(document.findValues(name));
    }
    assertThat(schemas).hasSizeGreaterThan(200);
    for (JsonNode schema : schemas) {
      assertThat(dialect.validate(schema)).as(schema.toString()).isEmpty();
    }
  }

  @Test
  void operations_areTheRoutes() {
    Set<String> routes = new TreeSet<>(MOUNTED);
    for (Routes.Route route : app.app().routes()) {
      routes.add(key(route));
    }
    assertThat(operations().keySet()).isEqualTo(routes);
  }

  @Test
  void webSockets_areTheOnesThatAreMarked() {
    Set<String> sockets = new TreeSet<>();
    for (Routes.Route route : app.app().routes()) {
      if (route.method().equals("WS")) {
        sockets.add(key(route));
      }
    }
    Set<String> marked = new TreeSet<>();
    operations()
        .forEach(
            (key, operation) -> {
              if (operation.has("x-websocket")) {
                marked.add(key);
                assertThat(operation.path("responses").has("101")).isTrue();
              }
            });
    assertThat(marked).isEqualTo(sockets);
  }

  @Test
  void security_ofEveryOperation_isWhatItsRouteAsksFor() {
    Map<String, JsonNode> operations = operations();
    Set<String> sockets = new TreeSet<>();
    app.app().routes().stream()
        .filter(route -> route.method().equals("WS"))
        .forEach(route -> sockets.add(route.path()));
    for (Routes.Route route : app.app().routes()) {
      boolean ws = route.method().equals("WS");
      if (!ws && sockets.contains(route.path())) {
        continue; // what is no upgrade learns just that
      }
      JsonNode operation = operations.get(key(route));
      JsonNode security =
          operation.has("security") ? operation.path("security") : document.path("security");
      assertThat(security.toString()).as(route.path()).isEqualTo(expected(route.access()));
      assertThat(operation.path("responses").path("401").isMissingNode())
          .as(route.path())
          .isEqualTo(route.access() == Access.PUBLIC && !route.path().equals("/auth/login"));
      if (route.access() == Access.ADMIN) {
        assertThat(operation.path("responses").path("403").toString()).contains("Admin only");
      }
    }
  }

  @Test
  void keys_ofEveryOperation_areThoseOfItsRoute() {
    Map<String, JsonNode> operations = operations();
    for (Routes.Route route : app.app().routes()) {
      JsonNode operation = operations.get(key(route));
      String keys = operation.path("x-api-keys").asText();
      boolean token = !Set.of(Access.PUBLIC, Access.ONE_TIME_STRING).contains(route.access());
      assertThat(operation.has("x-api-keys")).as(key(route)).isEqualTo(token);
      if (token) {
        assertThat(keys).as(key(route)).isIn(expected(route.keys()));
        String refusal = whole(operation.path("responses").path("403")).toString();
        assertThat(refusal.contains("API key is not valid here"))
            .as(key(route))
            .isEqualTo(!keys.equals("any"));
      }
    }
  }

  private static Set<String> expected(Keys keys) {
    return switch (keys) {
      case ANY_KEY -> Set.of("any", "workspace");
      case UNSCOPED_KEY -> Set.of("unscoped");
      case NO_KEY -> Set.of("none");
    };
  }

  /** The same, or what it refers to. */
  private static JsonNode whole(JsonNode node) {
    return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
  }

  private static String expected(Access access) {
    return switch (access) {
      case PUBLIC -> "[]";
      case OPTIONAL -> "[{},{\"bearer\":[]}]";
      case ONE_TIME_STRING -> "[{\"connection_string\":[]}]";
      case STRING_OR_USER -> "[{\"bearer\":[]},{\"connection_string\":[]}]";
      default -> "[{\"bearer\":[]}]";
    };
  }

  @Test
  void operationIds_areUnique() {
    List<String> ids = document.findValuesAsText("operationId");
    assertThat(ids).hasSameSizeAs(operations().keySet()).doesNotHaveDuplicates();
  }

  @Test
  void pathParameters_areThoseInThePath() {
    for (var path : document.path("paths").properties()) {
      Set<String> inPath = new TreeSet<>();
      Pattern.compile("\\{([^}]*)}")
          .matcher(path.getKey())
          .results()
          .forEach(match -> inPath.add(match.group(1)));
      for (var entry : path.getValue().properties()) {
        if (METHODS.contains(entry.getKey())) {
          Set<String> described = new TreeSet<>();
          List<JsonNode> parameters = new ArrayList<>();
          path.getValue().path("parameters").forEach(parameters::add);
          entry.getValue().path("parameters").forEach(parameters::add);
          for (JsonNode one : parameters) {
            JsonNode parameter = whole(one);
            if (parameter.path("in").asText().equals("path")) {
              described.add(parameter.path("name").asText());
            }
          }
          assertThat(described).as(path.getKey()).isEqualTo(inPath);
        }
      }
    }
  }

  @Test
  void references_leadSomewhere() {
    List<String> references = document.findValuesAsText("$ref");
    assertThat(references).hasSizeGreaterThan(100);
    for (String reference : references) {
      assertThat(reference).startsWith("#/components/");
      assertThat(document.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
    }
  }

  @Test
  void examples_areValidByTheirSchemas() {
    ApiContract contract = new ApiContract(document);
    int examples = 0;
    List<JsonNode> contents = document.findValues("content");
    for (JsonNode content : contents) {
      for (JsonNode media : content) {
        for (JsonNode example : ApiContract.examples(media).toList()) {
          assertThat(contract.invalid(media.path("schema"), example))
              .as(example.toString())
              .isEmpty();
          examples++;
        }
      }
    }
    for (JsonNode schema : document.path("components").path("schemas")) {
      for (JsonNode example : schema.path("examples")) {
        assertThat(contract.invalid(schema, example)).as(example.toString()).isEmpty();
        examples++;
      }
    }
    assertThat(examples).isGreaterThan(150);
  }

  @Test
  void everyJsonResponse_hasAnExample() {
    for (var operation : operations().entrySet()) {
      for (var response : operation.getValue().path("responses").properties()) {
        JsonNode media = response.getValue().path("content").path("application/json");
        boolean itself = operation.getKey().equals("GET /openapi.json");
        if (!media.isMissingNode() && !itself) {
          assertThat(ApiContract.examples(media))
              .as(operation.getKey() + " " + response.getKey())
              .isNotEmpty();
        }
      }
    }
  }
}
