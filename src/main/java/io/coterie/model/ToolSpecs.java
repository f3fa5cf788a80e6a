package io.coterie.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.agent.tool.ToolSpecification;

public final class ToolSpecs {
  public static ToolSpecification of(String name, String description, JsonNode inputSchema) {
    return ToolSpecification.builder().name(name).description(description).build();
  }
}
