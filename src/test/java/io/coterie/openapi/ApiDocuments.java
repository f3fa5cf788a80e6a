package io.coterie.openapi;

import com.fasterxml.jackson.databind.JsonNode;

/** The OpenAPI document for tests of other packages. */
public final class ApiDocuments {

  private ApiDocuments() {}

  /** As a server of no version in particular serves it. */
  public static JsonNode document() {
    return ApiDocument.of("0");
  }
}
