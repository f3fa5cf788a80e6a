package io.coterie;

import com.fasterxml.jackson.databind.JsonNode;
import io.coterie.ApiContract.Answered;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * Listens to a conversation with the server: what in it is not as the OpenAPI document says, and
 * what of that never occurred. Not thread-safe.
 */
final class ApiHearing {

  /** Those that any route which wants a token gives, held against it elsewhere. */
  private static final Set<String> ANYWHERE =
      Set.of(
          "Missing Authorization Header",
          "Invalid token",
          "Token has expired",
          "Token has been revoked",
          "API key is not valid here");

  private final JsonNode document;
  private final ApiContract contract;
  private final List<String> problems = new ArrayList<>();
  private final Set<String> succeeded = new TreeSet<>();
  private final Set<String> refusals = new TreeSet<>();

  ApiHearing(JsonNode document) {
    this.document = document;
    this.contract = new ApiContract(document);
  }

  void heard(Answered answer) {
    String problem = contract.problem(answer);
    if (problem != null) {
      problems.add(problem);
    }
    if (Set.of("HEAD", "OPTIONS").contains(answer.method())) {
      return;
    }
    String operation = answer.method() + " " + contract.path(answer.target()).orElse("?");
    if (answer.status() < 300) {
      succeeded.add(operation);
    } else if (answer.type().equals("application/json")) {
      refusals.add(operation + " " + answer.status() + " " + told(ApiContract.json(answer.body())));
    }
  }

  List<String> problems() {
    return problems;
  }

  /** The operations that were heard to succeed. */
  Set<String> succeeded() {
    return succeeded;
  }

  /** All operations. */
  Set<String> described() {
    Set<String> described = new TreeSet<>();
    for (var path : document.path("paths").properties()) {
      for (String method : List.of("get", "post", "put", "delete")) {
        if (path.getValue().has(method)) {
          described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
        }
      }
    }
    return described;
  }

  /** The refusals of 400 to 404 that operations have for themselves, and that were not heard. */
  Set<String> unheard() {
    Set<String> unheard = new TreeSet<>();
    for (String operation : described()) {
      String[] parts = operation.split(" ");
      JsonNode responses =
          document
              .path("paths")
              .path(parts[1])
              .path(parts[0].toLowerCase(Locale.ROOT))
              .path("responses");
      for (String status : List.of("400", "401", "403", "404")) {
        JsonNode media = responses.path(status).path("content").path("application/json");
        ApiContract.examples(media)
            .map(ApiHearing::told)
            .filter(text -> !ANYWHERE.contains(text))
            .forEach(text -> unheard.add(operation + " " + status + " " + text));
      }
    }
    unheard.removeAll(refusals);
    return unheard;
  }

  private static String told(JsonNode body) {
    return body.has("error") && body.path("error").isObject()
        ? body.path("error").path("message").asText()
        : body.path("msg").asText(body.toString());
  }
}
